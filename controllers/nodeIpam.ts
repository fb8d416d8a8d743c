import type { V1Node } from '../api/generated/types.ts';
import { Nodes } from '../client/resources.ts';
import { type Controller, seen } from './controller.ts';

/**
 * Gives each node a subnet of the cluster's pod range, in `spec.podCIDR`. The taken subnets are those that the Nodes carry: there
 * is no memory besides. One worker, so that no two nodes are given the same one. Key: the node.
 */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  eventSource: 'cidrAllocator',
  serviceAccount: 'node-controller',
  workers: 1,
  setup({ client, informers, recorder, settings }, queue) {
    const nodes = informers.informer(Nodes);
    nodes.addHandler({
      added: (node) => queue.add(node.metadata.name),
      updated: (_, node) => queue.add(node.metadata.name),
      deleted: () => nodes.list().forEach((node) => queue.add(node.metadata.name)),
    });

    return async (name) => {
      const node = nodes.get(name);
      if (node === undefined || (node.spec?.podCIDR ?? '') !== '') return;
      const subnet = freeSubnet(settings.clusterCIDR, settings.nodeCIDRMaskSize, subnetsOf(nodes.list()));
      if (subnet === undefined) {
        recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return;
      }
      const written = await client.patch(Nodes, name, undefined, 'application/merge-patch+json', {
        metadata: { uid: node.metadata.uid },
        spec: { podCIDR: subnet, podCIDRs: [subnet] },
      });
      await seen(nodes, [written]);
    };
  },
};

export function subnetsOf(nodes: readonly V1Node[]): ReadonlySet<string> {
  return new Set(nodes.flatMap((node) => node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])));
}

/** The lowest subnet of this prefix length that nobody has, or undefined when the range (IPv4, e.g. `10.244.0.0/16`) is exhausted. */
export function freeSubnet(range: string, prefixLength: number, taken: ReadonlySet<string>): string | undefined {
  const [address = '', length = '32'] = range.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  const count = 2 ** (prefixLength - Number(length));
  for (let index = 0; index < count; index += 1) {
    const subnet = `${dotted(start + index * size)}/${prefixLength}`;
    if (!taken.has(subnet)) return subnet;
  }
  return undefined;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
