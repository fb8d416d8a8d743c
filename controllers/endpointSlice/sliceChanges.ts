import type { Draft } from '../../api/meta.ts';
import type { V1Endpoint, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { controllerReference } from '../ownership.ts';
import { type EndpointGroup, withoutHints } from './endpoints.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** Kubernetes' maxEndpointsPerSlice. */
const MAXIMUM = 100;

export interface SliceChanges {
  readonly create: readonly Draft<V1EndpointSlice>[];
  readonly update: readonly V1EndpointSlice[];
  readonly delete: readonly V1EndpointSlice[];
  /** What stands right. */
  readonly unchanged: readonly V1EndpointSlice[];
}

/**
 * What to write so that the slices hold exactly these groups. Endpoints stay in the slice in which they are, room that others left is
 * filled first, so that a change of one pod writes one slice. A Service without endpoints keeps one empty slice. With `keepHints`, hints that stand
 * make no difference, and stay on slices that are unchanged otherwise.
 */
export function sliceChanges(service: V1Service, groups: readonly EndpointGroup[], standing: readonly V1EndpointSlice[], keepHints = false): SliceChanges {
  const labels = sliceLabels(service);
  const wanted = groups.length > 0 ? groups : [{ ports: [], endpoints: [] }];
  const create: Draft<V1EndpointSlice>[] = [];
  const update: V1EndpointSlice[] = [];
  const unchanged: V1EndpointSlice[] = [];
  const used = new Set<V1EndpointSlice>();
  const present = ({ endpoints }: V1EndpointSlice): readonly V1Endpoint[] => (keepHints ? (endpoints ?? []).map(withoutHints) : (endpoints ?? []));
  for (const group of wanted) {
    const slices = standing.filter((slice) => !used.has(slice) && deepEqual(slice.ports ?? [], group.ports));
    const { kept, rest } = keepInPlace(group.endpoints, slices);
    const emptySlice = group.endpoints.length === 0 ? slices[0] : undefined;
    for (const [slice, endpoints] of kept) {
      while (endpoints.length < MAXIMUM && rest.length > 0) endpoints.push(rest.shift()!);
      if (endpoints.length === 0 && slice !== emptySlice) continue;
      used.add(slice);
      if (deepEqual(endpoints, present(slice)) && deepEqual(labels, slice.metadata.labels ?? {})) unchanged.push(slice);
      else update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints });
    }
    const needed = group.endpoints.length === 0 && emptySlice === undefined ? 1 : Math.ceil(rest.length / MAXIMUM);
    for (let index = 0; index < needed; index += 1) {
      create.push({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { generateName: `${service.metadata.name}-`, namespace: service.metadata.namespace, labels, ownerReferences: [controllerReference(service)] },
        addressType: 'IPv4',
        ports: [...group.ports],
        endpoints: rest.slice(index * MAXIMUM, (index + 1) * MAXIMUM),
      });
    }
  }
  return { create, update, delete: standing.filter((slice) => !used.has(slice)), unchanged };
}

function keepInPlace(endpoints: readonly V1Endpoint[], slices: readonly V1EndpointSlice[]): { kept: Map<V1EndpointSlice, V1Endpoint[]>; rest: V1Endpoint[] } {
  const open = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const kept = new Map<V1EndpointSlice, V1Endpoint[]>();
  for (const slice of slices) {
    const stay: V1Endpoint[] = [];
    for (const present of slice.endpoints ?? []) {
      const endpoint = open.get(identity(present));
      if (endpoint === undefined) continue;
      open.delete(identity(present));
      stay.push(endpoint);
    }
    kept.set(slice, stay);
  }
  return { kept, rest: [...open.values()] };
}

const identity = (endpoint: V1Endpoint): string => `${endpoint.targetRef?.uid ?? ''} ${endpoint.addresses[0]}`;

function sliceLabels(service: V1Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY_LABEL]: MANAGER,
    ...(service.spec?.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}),
  };
}
