import type { V1Node, V1Pod } from '../api/generated/types.ts';
import { Nodes, Pods } from '../client/resources.ts';
import type { Controller } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { readyStatus } from './nodeLifecycle/health.ts';
import { formatTime } from '../process/clock.ts';

/** Kubernetes' gcCheckPeriod, and how long a node must be gone before its pods are believed lost, in milliseconds. */
const PERIOD_MILLISECONDS = 20_000;
const QUARANTINE_MILLISECONDS = 40_000;
const ROUND = 'round';
const OUT_OF_SERVICE_TAINT = 'node.kubernetes.io/out-of-service';

/** Removes pods that nobody else will: of nodes that are gone, terminating ones that never had a node, and too many finished ones. One key: the round. */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  serviceAccount: 'pod-garbage-collector',
  workers: 1,
  setup({ client, informers, settings, clock, logger }, queue) {
    const pods = informers.informer(Pods);
    const nodes = informers.informer(Nodes);
    /** Since when (monotonic) a node that pods name has not been there. */
    const missingSince = new Map<string, number>();
    queue.add(ROUND);

    return async () => {
      const now = clock.monotonic();
      for (const name of new Set(pods.list().map((pod) => pod.spec?.nodeName ?? ''))) {
        if (name === '' || nodes.get(name) !== undefined) missingSince.delete(name);
        else if (!missingSince.has(name)) missingSince.set(name, now);
      }
      const candidates = [...missingSince].filter(([, since]) => now - since >= QUARANTINE_MILLISECONDS).map(([name]) => name);
      const lost = new Set<string>();
      for (const name of candidates) if (await isSurelyGone(name)) lost.add(name);
      for (const { pod, reason } of surplusPods(pods.list(), (name) => nodes.get(name), lost, settings.terminatedPodGCThreshold)) {
        logger.info('removing a pod', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, reason });
        await ignoreReasons(['NotFound', 'Conflict'], () => remove(pod, reason));
      }
      return { requeueAfterMilliseconds: PERIOD_MILLISECONDS };
    };

    /** The informer may be behind; pods are given up only on the word of the API server. */
    async function isSurelyGone(name: string): Promise<boolean> {
      return (await ignoreReasons(['NotFound'], () => client.get(Nodes, name))) === undefined;
    }

    async function remove(pod: V1Pod, reason: SurplusReason): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      if (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') {
        const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', lastTransitionTime: formatTime(clock.now()) };
        const status = { phase: 'Failed', ...(reason === 'orphaned' ? { conditions: [disruption] } : {}) };
        await client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status }, 'status');
      }
      await client.delete(Pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
    }
  },
};

/** A person has said that the node is off, and it is not ready: its pods surely do not run any more. */
function isOutOfService(node: V1Node | undefined): boolean {
  return node !== undefined && readyStatus(node) !== 'True' && (node.spec?.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE_TAINT);
}

export type SurplusReason = 'terminated' | 'orphaned' | 'unscheduled' | 'outOfService';

/** `lost`: nodes that have been gone for long enough. `threshold`: how many finished pods may stay (0 or less: any number). */
export function surplusPods(
  pods: readonly V1Pod[],
  nodeOf: (name: string) => V1Node | undefined,
  lost: ReadonlySet<string>,
  threshold: number,
): readonly { readonly pod: V1Pod; readonly reason: SurplusReason }[] {
  const surplus: { pod: V1Pod; reason: SurplusReason }[] = [];
  const finished: V1Pod[] = [];
  for (const pod of pods) {
    const node = pod.spec?.nodeName ?? '';
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    if (lost.has(node)) surplus.push({ pod, reason: 'orphaned' });
    else if (terminating && node === '') surplus.push({ pod, reason: 'unscheduled' });
    else if (terminating && isOutOfService(nodeOf(node))) surplus.push({ pod, reason: 'outOfService' });
    else if (!terminating && (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')) finished.push(pod);
  }
  if (threshold > 0 && finished.length > threshold) {
    const oldest = finished.sort((left, right) => left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp) || left.metadata.name.localeCompare(right.metadata.name));
    surplus.push(...oldest.slice(0, finished.length - threshold).map((pod) => ({ pod, reason: 'terminated' as const })));
  }
  return surplus;
}
