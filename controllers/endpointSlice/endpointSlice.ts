import type { V1EndpointSlice } from '../../api/generated/types.ts';
import { objectKey } from '../../client/objectKey.ts';
import { EndpointSlices, Nodes, Pods, Services } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { memberHandler, membersOf } from '../serviceMembers.ts';
import { endpointGroups } from './endpoints.ts';
import { MANAGED_BY_LABEL, MANAGER, SERVICE_NAME_LABEL, sliceChanges } from './sliceChanges.ts';

const BY_SERVICE = 'service';

/** Keeps the EndpointSlices of every Service with a selector: one entry per pod that has an address. Key: the Service's. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  eventSource: 'endpoint-slice-controller',
  serviceAccount: 'endpointslice-controller',
  workers: 5,
  setup({ client, informers }, queue) {
    const services = informers.informer(Services);
    const pods = informers.informer(Pods);
    const nodes = informers.informer(Nodes);
    const slices = informers.informer(EndpointSlices);
    slices.addIndex(BY_SERVICE, (slice) => (isOurs(slice) ? [serviceKeyOf(slice)] : []));
    const onSlice = (slice: V1EndpointSlice): void => {
      if (isOurs(slice)) queue.add(serviceKeyOf(slice));
    };
    services.addHandler({ added: (service) => queue.add(objectKey(service)), updated: (_, service) => queue.add(objectKey(service)), deleted: (service) => queue.add(objectKey(service)) });
    slices.addHandler({ added: onSlice, updated: (_, slice) => onSlice(slice), deleted: onSlice });
    pods.addHandler(memberHandler(queue, services));

    return async (key) => {
      const service = services.get(key);
      const standing = slices.byIndex(BY_SERVICE, key);
      // Slices of a Service that is gone are the garbage collector's: they name it as their owner.
      const members = service && membersOf(service, pods);
      if (service === undefined || members === undefined) return;
      const changes = sliceChanges(service, endpointGroups(service, members, (name) => nodes.get(name)), standing);

      const created = await Promise.all(changes.create.map((slice) => ignoreReasons(['NotFound', 'Forbidden'], () => client.create(EndpointSlices, slice, service.metadata.namespace))));
      const updated = await Promise.all(changes.update.map((slice) => client.update(EndpointSlices, slice)));
      await Promise.all(changes.delete.map(({ metadata }) => ignoreReasons(['NotFound', 'Conflict'], () => client.delete(EndpointSlices, metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } }))));
      await seen(slices, [...created.filter((slice) => slice !== undefined), ...updated]);
    };
  },
};

function isOurs(slice: V1EndpointSlice): boolean {
  return slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
}

function serviceKeyOf(slice: V1EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}
