import type { V1EndpointSlice, V1Node } from '../../api/generated/types.ts';
import { DNS_ENDPOINTS_MANAGER, LABEL_ENDPOINT_SLICE_MANAGED_BY } from '../../api/wellKnown.ts';
import { objectKey } from '../../client/objectKey.ts';
import { EndpointSlices, Nodes } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { readyStatus } from './health.ts';

const DNS_SLICES = 'dns';
const isDns = ({ metadata }: V1EndpointSlice): boolean => metadata.labels?.[LABEL_ENDPOINT_SLICE_MANAGED_BY] === DNS_ENDPOINTS_MANAGER;

/**
 * Each node's DNS is behind one Service by a slice that it writes itself, and cannot take back when its node dies: nobody is sent to it while
 * its node is silent, as nobody is sent to that node's pods. Key: the slice.
 */
export const nodeDnsController: Controller = {
  name: 'gantry-node-dns-controller',
  serviceAccount: 'node-controller',
  workers: 1,
  setup({ client, informers }, queue) {
    const nodes = informers.informer(Nodes);
    const slices = informers.informer(EndpointSlices);
    slices.addIndex(DNS_SLICES, (slice) => (isDns(slice) ? [''] : []));
    const enqueueAll = (): void => {
      for (const slice of slices.byIndex(DNS_SLICES, '')) queue.add(objectKey(slice));
    };
    const enqueue = (slice: V1EndpointSlice): void => {
      if (isDns(slice)) queue.add(objectKey(slice));
    };
    slices.addHandler({ added: enqueue, updated: (_, slice) => enqueue(slice) });
    nodes.addHandler({
      added: enqueueAll,
      updated: (old, node) => {
        if (readyStatus(old) !== readyStatus(node)) enqueueAll();
      },
      deleted: enqueueAll,
    });

    return async (name) => {
      const slice = slices.get(name);
      const wanted = slice && dnsEndpoints(slice, nodes.list());
      if (wanted === undefined) return;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(EndpointSlices, wanted));
      if (written) await seen(slices, [written]);
    };
  },
};

/** The slice with its endpoints as ready as their nodes are heard of; undefined when it is right. When no node is heard of, the fault is not the nodes', and all stay. */
export function dnsEndpoints(slice: V1EndpointSlice, nodes: readonly V1Node[]): V1EndpointSlice | undefined {
  const silent = new Set(nodes.filter((node) => readyStatus(node) === 'Unknown').map((node) => node.metadata.name));
  const allSilent = silent.size === nodes.length;
  let isRight = true;
  const endpoints = (slice.endpoints ?? []).map((endpoint) => {
    const ready = allSilent || !silent.has(endpoint.nodeName ?? '');
    if (endpoint.conditions?.ready === ready) return endpoint;
    isRight = false;
    return { ...endpoint, conditions: { ...endpoint.conditions, ready, serving: ready } };
  });
  return isRight ? undefined : { ...slice, endpoints };
}
