import type { V1Node, V1Pod } from '../../api/generated/types.ts';
import { Leases, Nodes, Pods } from '../../client/resources.ts';
import { formatTime } from '../../process/clock.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { podCondition } from '../podConditions.ts';
import { type NodeReports, observe, readyStatus, reportSignature, silentConditions } from './health.ts';
import { ObservedTime, watchOver } from './observedTime.ts';
import { awaitsEviction, wantedTaints } from './taints.ts';
import { EvictionPacer, zoneOf } from './zones.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
export const PODS_BY_NODE = 'node';

const ROUND = '';

/**
 * Tells from a node's reports whether it lives: conditions turn Unknown, taints follow the conditions, its pods are no longer ready; lost
 * nodes are given up at the pace of their zone. Key: the node, or '' for the round over all zones.
 */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  eventSource: 'node-controller',
  serviceAccount: 'node-controller',
  workers: 8,
  setup({ client, informers, recorder, clock, logger, settings, signal }, queue) {
    const nodes = informers.informer(Nodes);
    const leases = informers.informer(Leases, { namespace: LEASE_NAMESPACE });
    const pods = informers.informer(Pods);
    const reports = new Map<string, NodeReports>();
    const pacer = new EvictionPacer(settings);
    const time = new ObservedTime(clock.monotonic(), 2 * settings.nodeMonitorPeriod);
    const observedNow = (): number => time.at(clock.monotonic());
    void watchOver(time, client, clock, logger, settings.nodeMonitorPeriod, signal);
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
    queue.add(ROUND);

    return async (name) => {
      if (name === ROUND) {
        assess();
        return { requeueAfterMilliseconds: settings.nodeMonitorPeriod };
      }
      const node = nodes.get(name);
      if (node === undefined) return undefined;
      const lease = leases.get(`${LEASE_NAMESPACE}/${name}`);
      const observed = observe(reports.get(name), reportSignature(node, lease), observedNow());
      reports.set(name, observed);

      const hasReported = (node.status?.conditions ?? []).some((condition) => condition.type === 'Ready');
      const grace = hasReported ? settings.nodeMonitorGracePeriod : settings.nodeStartupGracePeriod;
      const current = observedNow() - observed.changedAt > grace ? await markSilent(node, observed) : node;
      const wait = await taint(current);
      if (readyStatus(current) !== 'True' && hasReported) await markPodsUnready(name);
      return { requeueAfterMilliseconds: Math.min(wait, settings.nodeMonitorPeriod) };
    };

    /** When no node is ready, the fault is not the nodes': all are left alone. When one is ready again, all have a grace period to follow. */
    function assess(): void {
      if (!pacer.assess(nodes.list())) return;
      logger.info(pacer.fullyDisrupted ? 'no node is ready: entering master disruption mode' : 'some nodes are ready: exiting master disruption mode');
      if (!pacer.fullyDisrupted) for (const [name, report] of reports) reports.set(name, { ...report, changedAt: observedNow() });
      for (const node of nodes.list()) queue.add(node.metadata.name);
    }

    async function markSilent(node: V1Node, observed: NodeReports): Promise<V1Node> {
      const conditions = silentConditions(node, clock.now());
      if (conditions === undefined || (await hasReportedMeanwhile(node, observed))) return node;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Nodes, { ...node, status: { ...node.status, conditions } }));
      if (written === undefined) return node;
      if (readyStatus(node) === 'True') recorder.event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
      await seen(nodes, [written]);
      return written;
    }

    /** The informer of leases may be behind after an outage; nothing is said of a node before its lease was looked at. */
    async function hasReportedMeanwhile({ metadata: { name } }: V1Node, observed: NodeReports): Promise<boolean> {
      const known = leases.get(`${LEASE_NAMESPACE}/${name}`);
      const lease = await ignoreReasons(['NotFound', 'Forbidden'], () => client.get(Leases, name, LEASE_NAMESPACE));
      if (lease === undefined || lease.spec?.renewTime === known?.spec?.renewTime) return false;
      reports.set(name, { ...observed, changedAt: observedNow() });
      return true;
    }

    /** Gives in how many milliseconds a node that is to be given up may be; Infinity when it need not, or may not. */
    async function taint(node: V1Node): Promise<number> {
      let wait = 0;
      if (awaitsEviction(node)) {
        assess();
        wait = pacer.take(zoneOf(node), clock.monotonic());
      }
      const taints = wantedTaints(node, clock.now(), pacer.fullyDisrupted ? 'withdrawn' : wait > 0 ? 'held' : 'allowed');
      if (taints !== undefined) {
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(Nodes, { ...node, spec: { ...node.spec, taints } }));
        if (written) await seen(nodes, [written]);
      }
      return wait > 0 ? wait : Infinity;
    }

    /** Services must stop sending to pods of which nobody knows how they are. */
    async function markPodsUnready(node: string): Promise<void> {
      const ready = pods.byIndex(PODS_BY_NODE, node).filter((pod) => podCondition(pod, 'Ready')?.status === 'True');
      const written = await Promise.all(
        ready.map(async (pod) => {
          const changed = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Pods, unready(pod, formatTime(clock.now()))));
          if (changed) recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
          return changed;
        }),
      );
      await seen(pods, written.filter((pod) => pod !== undefined));
    }
  },
};

function unready(pod: V1Pod, at: string): V1Pod {
  const conditions = (pod.status?.conditions ?? []).map((condition) => (condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: at } : condition));
  return { ...pod, status: { ...pod.status, conditions } };
}
