import { serviceUnavailable } from '../../api/apiError.ts';
import type { V1EndpointSlice, V1Service, V1ServicePort } from '../../api/generated/types.ts';

/** Where a Service is reached from the API server's own host. */
export interface ServiceLocation {
  readonly host: string;
  readonly port: number;
}

function servicePort(service: V1Service, port: number): V1ServicePort {
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (!found) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(service.metadata.name)}`);
  return found;
}

/** By the cluster IP, or the external name (`ResolveCluster`). Throws where it has neither. */
export function clusterLocation(service: V1Service, port: number): ServiceLocation {
  const { type = 'ClusterIP', clusterIP = '', externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  if (type === 'ClusterIP' && clusterIP === 'None') throw serviceUnavailable('cannot route to service with ClusterIP "None"');
  return { host: clusterIP, port: servicePort(service, port).port };
}

/** One of the ready endpoints (`ResolveEndpoint`), for hosts that kube-proxy does not serve; `random` is in [0, 1). */
export function endpointLocation(service: V1Service, slices: readonly V1EndpointSlice[], port: number, random: number): ServiceLocation {
  const { type = 'ClusterIP' } = service.spec ?? {};
  if (type === 'ExternalName') throw serviceUnavailable(`unsupported service type ${JSON.stringify(type)}`);
  const wanted = servicePort(service, port).name ?? '';
  const candidates = slices.flatMap(({ endpoints, ports }) => {
    const number = (ports ?? []).find(({ name }) => (name ?? '') === wanted)?.port;
    if (number === undefined) return [];
    return (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses.map((host) => ({ host, port: number })));
  });
  const chosen = candidates[Math.floor(random * candidates.length)];
  if (!chosen) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(service.metadata.name)}`);
  return chosen;
}
