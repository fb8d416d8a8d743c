import { isIP } from 'node:net';
import type { DiscoveryV1EndpointPort, V1Endpoint, V1EndpointAddress, V1Endpoints, V1EndpointSlice } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { ANNOTATION_ENDPOINTS_LAST_CHANGE_TRIGGER_TIME, ANNOTATION_LAST_APPLIED, LABEL_ENDPOINT_SLICE_MANAGED_BY, LABEL_ENDPOINT_SLICE_SKIP_MIRROR, LABEL_SERVICE_NAME } from '../../api/wellKnown.ts';
import { controllerReference } from '../ownership.ts';

export const MIRRORING_MANAGER = 'endpointslicemirroring-controller.k8s.io';
/** Addresses of one subset that are mirrored at most: Kubernetes' `--mirroring-max-endpoints-per-subset`. */
export const MAXIMUM_PER_SUBSET = 1000;
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** What speaks of the Endpoints object itself, not of the addresses. */
const OWN_ANNOTATIONS: readonly string[] = [ANNOTATION_ENDPOINTS_LAST_CHANGE_TRIGGER_TIME, ANNOTATION_LAST_APPLIED];

export interface MirrorChanges {
  readonly create: readonly Draft<V1EndpointSlice>[];
  readonly update: readonly V1EndpointSlice[];
  readonly delete: readonly V1EndpointSlice[];
  /** Addresses that are no IP addresses. */
  readonly invalid: number;
  /** Addresses beyond the maximum of their subset. */
  readonly excess: number;
}

interface Group {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: DiscoveryV1EndpointPort[];
  readonly endpoints: V1Endpoint[];
}

/** Whether an Endpoints object may be mirrored: neither told not to be, nor the lock of a leader election. */
export function mayMirror({ metadata }: V1Endpoints): boolean {
  return metadata.labels?.[LABEL_ENDPOINT_SLICE_SKIP_MIRROR] !== 'true' && metadata.annotations?.[LEADER_ANNOTATION] === undefined;
}

/**
 * What to write so that the slices that mirror an Endpoints object hold its addresses: one slice for each set of ports and family of
 * addresses. A slice that is no longer wanted is filled anew before another is created.
 */
export function mirrorChanges(endpoints: V1Endpoints, standing: readonly V1EndpointSlice[]): MirrorChanges {
  const { groups, invalid, excess } = groupsOf(endpoints);
  const free = new Set(standing);
  const take = (fits: (slice: V1EndpointSlice) => boolean): V1EndpointSlice | undefined => {
    const found = [...free].find(fits);
    if (found) free.delete(found);
    return found;
  };
  const inPlace = groups.map((group) => ({ group, slice: take((slice) => slice.addressType === group.addressType && deepEqual(slice.ports ?? [], group.ports)) }));
  const { labels, annotations } = metadataOf(endpoints);
  const create: Draft<V1EndpointSlice>[] = [];
  const update: V1EndpointSlice[] = [];
  for (const { group, slice } of inPlace) {
    const target = slice ?? take(({ addressType }) => addressType === group.addressType);
    if (target === undefined) {
      const { name, namespace } = endpoints.metadata;
      create.push({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { generateName: `${name}-`, namespace, labels, annotations, ownerReferences: [controllerReference(endpoints)] }, ...group });
    } else if (!deepEqual([target.ports ?? [], target.endpoints ?? [], target.metadata.labels ?? {}, target.metadata.annotations ?? {}], [group.ports, group.endpoints, labels, annotations])) {
      update.push({ ...target, metadata: { ...target.metadata, labels, annotations }, ...group });
    }
  }
  return { create: endpoints.metadata.deletionTimestamp === undefined ? create : [], update, delete: [...free], invalid, excess };
}

function groupsOf({ subsets = [] }: V1Endpoints): { readonly groups: readonly Group[]; readonly invalid: number; readonly excess: number } {
  const groups = new Map<string, Group>();
  /** Subsets with the same ports share a slice, which holds nothing twice. */
  const present = new Set<string>();
  let invalid = 0;
  let excess = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const slicePorts = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }));
    const all = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))];
    const valid = all.filter(({ addresses: [ip = ''] }) => isIP(ip) !== 0);
    invalid += all.length - valid.length;
    excess += Math.max(0, valid.length - MAXIMUM_PER_SUBSET);
    for (const endpoint of valid.slice(0, MAXIMUM_PER_SUBSET)) {
      const addressType = isIP(endpoint.addresses[0] ?? '') === 6 ? 'IPv6' : 'IPv4';
      const key = JSON.stringify([addressType, slicePorts]);
      const group = groups.get(key) ?? { addressType, ports: slicePorts, endpoints: [] };
      groups.set(key, group);
      const identity = `${key}${JSON.stringify(endpoint)}`;
      if (group.endpoints.length < MAXIMUM_PER_SUBSET && !present.has(identity)) group.endpoints.push(endpoint);
      present.add(identity);
    }
  }
  return { groups: [...groups.values()], invalid, excess };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: V1EndpointAddress, ready: boolean): V1Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(targetRef ? { targetRef } : {}), ...(nodeName === undefined ? {} : { nodeName }) };
}

function metadataOf({ metadata }: V1Endpoints): { readonly labels: Record<string, string>; readonly annotations: Record<string, string> } {
  return {
    labels: { ...metadata.labels, [LABEL_SERVICE_NAME]: metadata.name, [LABEL_ENDPOINT_SLICE_MANAGED_BY]: MIRRORING_MANAGER },
    annotations: Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.includes(key))),
  };
}
