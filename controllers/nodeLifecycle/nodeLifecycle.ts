import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import { Leases, Nodes, Pods } from '../../client/resources.ts';
import { formatTime } from '../../process/clock.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { podCondition } from '../podConditions.ts';
import { type NodeReports, observe, readyStatus, reportSignature, silentConditions } from './health.ts';
import { wantedTaints } from './taints.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
export const PODS_BY_NODE = 'node';

/** Tells from a node's reports whether it lives: conditions turn Unknown, taints follow the conditions, its pods are no longer ready. Key: the node. */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  eventSource: 'node-controller',
  serviceAccount: 'node-controller',
  workers: 8,
  setup({ client, informers, recorder, clock, settings }, queue) {
    const nodes = informers.informer(Nodes);
    const leases = informers.informer(Leases, { namespace: LEASE_NAMESPACE });
    const pods = informers.informer(Pods);
    const reports = new Map<string, NodeReports>();
    pods.addIndex(PODS_BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    nodes.addHandler({
      added: (node) => {
        recorder.event(node, 'Normal', 'RegisteredNode', `Node ${node.metadata.name} event: Registered Node ${node.metadata.name} in Controller`);
        queue.add(node.metadata.name);
      },
      updated: (_, node) => queue.add(node.metadata.name),
      deleted: (node) => {
        reports.delete(node.metadata.name);
        recorder.event(node, 'Normal', 'RemovingNode', `Node ${node.metadata.name} event: Removing Node ${node.metadata.name} from Controller`);
      },
    });

    return async (name) => {
      const node = nodes.get(name);
      if (node === undefined) return undefined;
      const lease = leases.get(`${LEASE_NAMESPACE}/${name}`);
      const observed = observe(reports.get(name), reportSignature(node, lease), clock.monotonic());
      reports.set(name, observed);

      const hasReported = (node.status?.conditions ?? []).some((condition) => condition.type === 'Ready');
      const grace = hasReported ? settings.nodeMonitorGracePeriod : settings.nodeStartupGracePeriod;
      const current = clock.monotonic() - observed.changedAt > grace ? await markSilent(node) : node;
      await taint(current);
      if (readyStatus(current) !== 'True' && hasReported) await markPodsUnready(name);
      return { requeueAfterMilliseconds: settings.nodeMonitorPeriod };
    };

    async function markSilent(node: V1Node): Promise<V1Node> {
      const conditions = silentConditions(node, clock.now());
      if (conditions === undefined) return node;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Nodes, { ...node, status: { ...node.status, conditions } }));
      if (written === undefined) return node;
      recorder.event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
      await seen(nodes, [written]);
      return written;
    }

    async function taint(node: V1Node): Promise<void> {
      const taints = wantedTaints(node, clock.now());
      if (taints === undefined) return;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(Nodes, { ...node, spec: { ...node.spec, taints } }));
      if (written) await seen(nodes, [written]);
    }

    /** Services must stop sending to pods of which nobody knows how they are. */
    async function markPodsUnready(node: string): Promise<void> {
      const ready = pods.byIndex(PODS_BY_NODE, node).filter((pod) => podCondition(pod, 'Ready')?.status === 'True');
      const written = await Promise.all(ready.map((pod) => ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Pods, unready(pod, formatTime(clock.now()))))));
      for (const pod of ready) recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      await seen(pods, written.filter((pod) => pod !== undefined));
    }
  },
};

function unready(pod: V1Pod, at: string): V1Pod {
  const conditions = (pod.status?.conditions ?? []).map((condition) => (condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: at } : condition));
  return { ...pod, status: { ...pod.status, conditions } };
}
