import type { V1EndpointSlice, V1Node, V1Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { objectKey } from '../../client/objectKey.ts';
import { EndpointSlices, Nodes, Pods, Services } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { memberHandler, membersOf } from '../serviceMembers.ts';
import { type EndpointGroup, endpointGroups, zoneOf } from './endpoints.ts';
import { MANAGED_BY_LABEL, MANAGER, SERVICE_NAME_LABEL, sliceChanges } from './sliceChanges.ts';
import { type HintedChanges, HINTS_DISABLED, wantsTopologyHints, withTopologyHints } from './topologyHints.ts';
import { preferenceOf, withPreference } from './trafficDistribution.ts';
import { placeOf, zoneRatios } from './zoneRatios.ts';

const BY_SERVICE = 'service';

/** Keeps the EndpointSlices of every Service with a selector: one entry per pod that has an address. Key: the Service's. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  eventSource: 'endpoint-slice-controller',
  serviceAccount: 'endpointslice-controller',
  workers: 5,
  setup({ client, informers, recorder }, queue) {
    const services = informers.informer(Services);
    const pods = informers.informer(Pods);
    const nodes = informers.informer(Nodes);
    const slices = informers.informer(EndpointSlices);
    /** Services whose endpoints were given hints by capacity, which was told in an event. */
    const hinted = new Set<string>();
    slices.addIndex(BY_SERVICE, (slice) => (isOurs(slice) ? [serviceKeyOf(slice)] : []));
    const onSlice = (slice: V1EndpointSlice): void => {
      if (isOurs(slice)) queue.add(serviceKeyOf(slice));
    };
    services.addHandler({ added: (service) => queue.add(objectKey(service)), updated: (_, service) => queue.add(objectKey(service)), deleted: (service) => (hinted.delete(objectKey(service)), queue.add(objectKey(service))) });
    slices.addHandler({ added: onSlice, updated: (_, slice) => onSlice(slice), deleted: onSlice });
    pods.addHandler(memberHandler(queue, services));
    // Zones stand in the endpoints, and capacity decides about hints; both change seldom.
    const onPlace = (before: V1Node | undefined, node: V1Node | undefined): void => {
      if (deepEqual(before && [zoneOf(before), placeOf(before)], node && [zoneOf(node), placeOf(node)])) return;
      for (const service of services.list()) queue.add(objectKey(service));
    };
    nodes.addHandler({ added: (node, initial) => (initial ? undefined : onPlace(undefined, node)), updated: onPlace, deleted: (node) => onPlace(node, undefined) });

    return async (key) => {
      const service = services.get(key);
      const standing = slices.byIndex(BY_SERVICE, key);
      // Slices of a Service that is gone are the garbage collector's: they name it as their owner.
      const members = service && membersOf(service, pods);
      if (service === undefined || members === undefined) return;
      const groups = endpointGroups(service, members, (name) => nodes.get(name));
      const { changes, event } = hintedChanges(service, groups, standing, nodes.list(), hinted.has(key));
      if (event?.reason === 'TopologyAwareHintsEnabled') hinted.add(key);
      else if (event) hinted.delete(key);
      if (event) recorder.event({ ...service, apiVersion: 'v1', kind: 'Service' }, event.type, event.reason, event.message);

      const created = await Promise.all(changes.create.map((slice) => ignoreReasons(['NotFound', 'Forbidden'], () => client.create(EndpointSlices, slice, service.metadata.namespace))));
      const updated = await Promise.all(changes.update.map((slice) => client.update(EndpointSlices, slice)));
      await Promise.all(changes.delete.map(({ metadata }) => ignoreReasons(['NotFound', 'Conflict'], () => client.delete(EndpointSlices, metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } }))));
      await seen(slices, [...created.filter((slice) => slice !== undefined), ...updated]);
    };
  },
};

/** Hints by capacity go before those of `trafficDistribution`. */
function hintedChanges(service: V1Service, groups: readonly EndpointGroup[], standing: readonly V1EndpointSlice[], nodes: readonly V1Node[], wasHinted: boolean): HintedChanges {
  if (wantsTopologyHints(service)) return withTopologyHints(sliceChanges(service, groups, standing, true), zoneRatios(nodes), wasHinted);
  const preference = preferenceOf(service);
  const changes = sliceChanges(service, preference === undefined ? groups : withPreference(groups, preference), standing);
  return { changes, ...(wasHinted ? { event: HINTS_DISABLED } : {}) };
}

function isOurs(slice: V1EndpointSlice): boolean {
  return slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
}

function serviceKeyOf(slice: V1EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}
