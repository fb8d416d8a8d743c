import type { V1ConfigMap, V1Node } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { NAMESPACE_SYSTEM } from '../../api/wellKnown.ts';
import { ConfigMaps, Nodes } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { claimSubnet, missingHolders, type SubnetClaims } from './subnetClaims.ts';

const CLAIMS = 'gantry-node-subnets';

/**
 * Gives each node a subnet of the cluster's pod range, in `spec.podCIDR`. Before that, the subnet is claimed in one ConfigMap for all nodes, whose
 * resourceVersion is the precondition: whoever else gives out subnets at the same time (a leader of before, whose request was still on its way) is
 * refused, so no two nodes ever have the same one. What a node had is free again once the node is gone. Key: the node.
 */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  eventSource: 'cidrAllocator',
  serviceAccount: 'node-controller',
  workers: 1,
  setup({ client, informers, recorder, settings }, queue) {
    const nodes = informers.informer(Nodes);
    const isWaiting = (node: V1Node): boolean => (node.spec?.podCIDR ?? '') === '';
    const onNode = (node: V1Node): void => {
      if (isWaiting(node)) queue.add(node.metadata.name);
    };
    nodes.addHandler({ added: onNode, updated: (_, node) => onNode(node), deleted: () => nodes.list().forEach(onNode) });

    return async (name) => {
      const node = nodes.get(name);
      if (node === undefined || !isWaiting(node)) return;
      const subnet = await claim(node);
      if (subnet === undefined) {
        recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return;
      }
      const written = await ignoreReasons(['NotFound', 'Conflict'], () =>
        client.patch(Nodes, name, undefined, 'application/merge-patch+json', { metadata: { uid: node.metadata.uid }, spec: { podCIDR: subnet, podCIDRs: [subnet] } }),
      );
      if (written) await seen(nodes, [written]);
    };

    /** Rejects with a conflict where somebody else has claimed meanwhile; then it is tried again. */
    async function claim(node: V1Node): Promise<string | undefined> {
      const current = await ignoreReasons(['NotFound'], () => client.get(ConfigMaps, CLAIMS, NAMESPACE_SYSTEM));
      const claims = current?.data ?? {};
      const all = [...nodes.list(), ...(await unseenNodes(claims))];
      const claimed = claimSubnet(claims, node, all, settings.clusterCIDR, settings.nodeCIDRMaskSize);
      if (claimed !== undefined && !deepEqual(claims, claimed.claims)) await write(current, claimed.claims);
      return claimed?.subnet;
    }

    /** Nodes that have a claim and are not seen here: gone, or newer than what the informer has. */
    async function unseenNodes(claims: SubnetClaims): Promise<V1Node[]> {
      const found = await Promise.all(missingHolders(claims, nodes.list()).map((name) => ignoreReasons(['NotFound'], () => client.get(Nodes, name))));
      return found.filter((node) => node !== undefined);
    }

    async function write(current: V1ConfigMap | undefined, data: SubnetClaims): Promise<void> {
      if (current) await client.update(ConfigMaps, { ...current, data: { ...data } });
      else await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: CLAIMS, namespace: NAMESPACE_SYSTEM }, data: { ...data } });
    }
  },
};
