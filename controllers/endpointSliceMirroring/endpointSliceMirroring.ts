import type { V1Endpoints, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { LABEL_ENDPOINT_SLICE_MANAGED_BY, LABEL_SERVICE_NAME } from '../../api/wellKnown.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Endpoints, EndpointSlices, Services } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { MAXIMUM_PER_SUBSET, mayMirror, mirrorChanges, MIRRORING_MANAGER } from './mirrorChanges.ts';

const BY_ENDPOINTS = 'mirroredEndpoints';

/** Keeps EndpointSlices that say what the Endpoints object of a Service without a selector says. Key: the Endpoints', and the Service's. */
export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  eventSource: 'endpoint-slice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  workers: 5,
  setup({ client, informers, recorder }, queue) {
    const services = informers.informer(Services);
    const endpoints = informers.informer(Endpoints);
    const slices = informers.informer(EndpointSlices);
    slices.addIndex(BY_ENDPOINTS, (slice) => (isMirror(slice) ? [endpointsKeyOf(slice)] : []));
    const onSlice = (slice: V1EndpointSlice): void => {
      if (isMirror(slice)) queue.add(endpointsKeyOf(slice));
    };
    const onService = (service: V1Service): void => queue.add(objectKey(service));
    const onEndpoints = (each: V1Endpoints): void => queue.add(objectKey(each));
    services.addHandler({
      added: onService,
      updated: (before, service) => (hasSelector(before) === hasSelector(service) ? undefined : onService(service)),
      deleted: onService,
    });
    endpoints.addHandler({ added: onEndpoints, updated: (_, each) => onEndpoints(each), deleted: onEndpoints });
    slices.addHandler({ added: onSlice, updated: (before, slice) => (onSlice(before), onSlice(slice)), deleted: onSlice });

    return async (key) => {
      const mirrored = endpoints.get(key);
      const service = services.get(key);
      const standing = slices.byIndex(BY_ENDPOINTS, key);
      const wanted = mirrored && mayMirror(mirrored) && service && !hasSelector(service) ? mirrored : undefined;
      if (wanted === undefined) return remove(standing);
      const changes = mirrorChanges(wanted, standing);
      const owner = { ...wanted, apiVersion: 'v1', kind: 'Endpoints' };
      if (changes.invalid > 0) recorder.event(owner, 'Warning', 'InvalidIPAddress', `Skipped ${changes.invalid} invalid IP addresses when mirroring to EndpointSlices`);
      if (changes.excess > 0) {
        const skipped = changes.invalid + changes.excess;
        recorder.event(owner, 'Warning', 'TooManyAddressesToMirror', `A max of ${MAXIMUM_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`);
      }
      const created = await Promise.all(changes.create.map((slice) => ignoreReasons(['NotFound', 'Forbidden'], () => client.create(EndpointSlices, slice, wanted.metadata.namespace))));
      const updated = await Promise.all(changes.update.map((slice) => client.update(EndpointSlices, slice)));
      await remove(changes.delete);
      await seen(slices, [...created.filter((slice) => slice !== undefined), ...updated]);
    };

    async function remove(gone: readonly V1EndpointSlice[]): Promise<void> {
      await Promise.all(gone.map(({ metadata }) => ignoreReasons(['NotFound', 'Conflict'], () => client.delete(EndpointSlices, metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } }))));
    }
  },
};

function hasSelector({ spec }: V1Service): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0;
}

function isMirror(slice: V1EndpointSlice): boolean {
  return slice.metadata.labels?.[LABEL_ENDPOINT_SLICE_MANAGED_BY] === MIRRORING_MANAGER;
}

function endpointsKeyOf(slice: V1EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[LABEL_SERVICE_NAME] ?? ''}`;
}
