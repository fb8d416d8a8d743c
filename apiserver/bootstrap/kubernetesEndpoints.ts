import { ApiError } from '../../api/apiError.ts';
import type { V1Endpoints, V1EndpointSlice } from '../../api/generated/types.ts';
import { endpoints } from '../../api/kinds/core/endpoints.ts';
import { endpointSlice } from '../../api/kinds/discovery/endpointSlice.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { LABEL_ENDPOINT_SLICE_SKIP_MIRROR, LABEL_SERVICE_NAME } from '../../api/wellKnown.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import type { Loopback } from './loopback.ts';
import { livingServers, OwnLease, RENEW_INTERVAL, ServerSightings, type ServerLease } from './serverLeases.ts';

const NAMESPACE = 'default';
const NAME = 'kubernetes';

/** Where the Service `kubernetes` leads; all servers listen on one port. */
export function kubernetesEndpoints(servers: readonly ServerLease[]): Draft<V1Endpoints> {
  const metadata = { name: NAME, namespace: NAMESPACE, labels: { [LABEL_ENDPOINT_SLICE_SKIP_MIRROR]: 'true' } };
  const port = servers[0]?.port;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    ...(port === undefined ? {} : { subsets: [{ addresses: servers.map(({ address }) => ({ ip: address })), ports: [{ name: 'https', port, protocol: 'TCP' }] }] }),
  };
}

export function kubernetesEndpointSlice(servers: readonly ServerLease[]): Draft<V1EndpointSlice> {
  const port = servers[0]?.port;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: NAME, namespace: NAMESPACE, labels: { [LABEL_SERVICE_NAME]: NAME } },
    addressType: 'IPv4',
    endpoints: servers.map(({ address }) => ({ addresses: [address], conditions: { ready: true } })),
    ports: port === undefined ? [] : [{ name: 'https', port, protocol: 'TCP' }],
  };
}

/** Writes one object where its content differs. A lost race is settled at the next round. */
async function settle<T extends KubeObject>(client: Loopback, definition: ResourceDefinition, wanted: Draft<T>, content: (object: T | Draft<T>) => unknown): Promise<void> {
  if (!client.serves(definition)) return;
  const present = await client.get<T>(definition, NAMESPACE, NAME);
  if (!present) {
    await client.create(definition, wanted);
    return;
  }
  if (semanticEqual(content(present), content(wanted))) return;
  try {
    await client.update(definition, { ...present, ...wanted, metadata: { ...present.metadata, labels: { ...present.metadata.labels, ...wanted.metadata.labels } } });
  } catch (error) {
    if (!(error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound'))) throw error;
  }
}

export interface EndpointsParts {
  readonly client: Loopback;
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
}

async function publish({ client }: EndpointsParts, servers: readonly ServerLease[]): Promise<void> {
  await settle(client, endpoints, kubernetesEndpoints(servers), ({ subsets }: V1Endpoints | Draft<V1Endpoints>) => subsets ?? []);
  await settle(client, endpointSlice, kubernetesEndpointSlice(servers), (slice: V1EndpointSlice | Draft<V1EndpointSlice>) => [slice.endpoints, slice.ports ?? []]);
}

/**
 * Keeps this server among the endpoints of the Service `kubernetes`, and takes dead ones out, until the signal is aborted; then takes
 * itself out, which needs the storage and the pipeline for a moment longer.
 */
export async function keepPublishing(parts: EndpointsParts, place: Omit<ServerLease, 'renewal'>, signal: AbortSignal): Promise<void> {
  const own = new OwnLease(parts.storage, place);
  const sightings = new ServerSightings();
  const round = async (): Promise<void> => {
    await parts.cache.consistent();
    await publish(parts, await livingServers(parts.storage, parts.cache, sightings, parts.clock));
  };
  while (!signal.aborted) {
    try {
      await own.renew();
      await round();
    } catch (error) {
      parts.logger.warn('the endpoints of this API server were not published', { error });
    }
    await parts.clock.sleep(RENEW_INTERVAL, signal);
  }
  try {
    await own.release();
    await round();
  } catch (error) {
    parts.logger.warn('the endpoints of this API server were not withdrawn', { error });
  }
}
