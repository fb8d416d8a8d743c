import { isIPv6 } from 'node:net';
import type { V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { objectKey, resourcePrefix, type WatchCache } from '../storage/types.ts';

const SERVICES = { group: '', resource: 'services' };
const SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a Service's port is reached: one of its ready endpoints, as by Kubernetes' `--enable-aggregator-routing` (an API server needs no kube-proxy beside
 * it for that), or the name that an ExternalName Service stands for. `random` gives numbers in [0, 1). Throws an `Error` with Kubernetes' words.
 */
export function serviceEndpoint(cache: Pick<WatchCache, 'get' | 'list'>, { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number }, random: () => number): Endpoint {
  const service = cache.get(objectKey(SERVICES, namespace, name))?.object as V1Service | undefined;
  if (!service) throw new Error(`service ${JSON.stringify(name)} not found`);
  const { type = 'ClusterIP', externalName, ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName ?? '', port };
  const found = ports.find((each) => each.port === port);
  if (!found) throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const candidates = cache.list(resourcePrefix(SLICES, namespace)).flatMap(({ object }) => endpointsOf(object as V1EndpointSlice, name, found.name ?? ''));
  const chosen = candidates[Math.floor(random() * candidates.length)];
  if (!chosen) throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
  return chosen;
}

function endpointsOf({ metadata, ports, endpoints }: V1EndpointSlice, service: string, portName: string): Endpoint[] {
  if (metadata.labels?.['kubernetes.io/service-name'] !== service) return [];
  const port = (ports ?? []).find((each) => (each.name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).flatMap(({ addresses, conditions }) => (conditions?.ready === false || addresses[0] === undefined ? [] : [{ host: addresses[0], port }]));
}

/** `host:port`, with an IPv6 address in brackets. */
export const joinHostPort = ({ host, port }: Endpoint): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);
