import type { V1Pod, V1Taint } from '../../api/generated/types.ts';
import { tolerates } from '../../api/values/taints.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import { formatTime } from '../../process/clock.ts';
import type { Controller } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { PODS_BY_NODE } from './nodeLifecycle.ts';

/** Deletes pods that do not, or no longer, tolerate a NoExecute taint of their node. Key: the pod's. */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  workers: 8,
  setup({ client, informers, recorder, clock }, queue) {
    const nodes = informers.informer(Nodes);
    const pods = informers.informer(Pods);
    /** Since when (monotonic) a pod has been on a node with this set of taints. */
    const taintedSince = new Map<string, { readonly taints: string; readonly at: number }>();
    pods.addIndex(PODS_BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    const onPod = (pod: V1Pod): void => {
      if (pod.spec?.nodeName) queue.add(objectKey(pod));
    };
    pods.addHandler({ added: onPod, updated: (previous, pod) => (previous.spec?.nodeName === pod.spec?.nodeName ? undefined : onPod(pod)), deleted: (pod) => taintedSince.delete(objectKey(pod)) });
    nodes.addHandler({
      updated: (previous, node) => {
        if (JSON.stringify(previous.spec?.taints) !== JSON.stringify(node.spec?.taints)) for (const pod of pods.byIndex(PODS_BY_NODE, node.metadata.name)) onPod(pod);
      },
    });

    return async (key) => {
      const pod = pods.get(key);
      const taints = (nodes.get(pod?.spec?.nodeName ?? '')?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || taints.length === 0) {
        taintedSince.delete(key);
        return undefined;
      }
      const signature = JSON.stringify(taints.map(({ key: name, value }) => [name, value]));
      const known = taintedSince.get(key);
      const since = known?.taints === signature ? known.at : clock.monotonic();
      taintedSince.set(key, { taints: signature, at: since });
      const tolerated = toleratedMilliseconds(pod, taints);
      if (tolerated === Infinity) return undefined;
      const left = since + tolerated - clock.monotonic();
      if (left > 0) return { requeueAfterMilliseconds: left };
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      await evict(pod);
      return undefined;
    };

    async function evict(pod: V1Pod): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: formatTime(clock.now()) };
      await ignoreReasons(['NotFound', 'Conflict'], () => client.patch(Pods, name, namespace, 'application/strategic-merge-patch+json', { metadata: { uid }, status: { conditions: [condition] } }, 'status'));
      await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Pods, name, namespace, { preconditions: { uid } }));
    }
  },
};

/** How long a pod may stay with these taints: 0 when one is not tolerated, Infinity when all are without a limit. */
export function toleratedMilliseconds(pod: V1Pod, taints: readonly V1Taint[]): number {
  let shortest = Infinity;
  for (const taint of taints) {
    const matching = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000);
  }
  return shortest;
}
