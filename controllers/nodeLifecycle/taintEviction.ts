import type { V1Node, V1Pod, V1Taint } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { tolerates } from '../../api/values/taints.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import { formatTime } from '../../process/clock.ts';
import type { Controller } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { PODS_BY_NODE } from './nodeLifecycle.ts';
import { ObservedTime, watchOver } from './observedTime.ts';

/** Deletes pods that do not, or no longer, tolerate a NoExecute taint of their node. Key: the pod's. */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  workers: 8,
  setup({ client, informers, recorder, clock, logger, settings, signal }, queue) {
    const nodes = informers.informer(Nodes);
    const pods = informers.informer(Pods);
    const time = new ObservedTime(clock.monotonic(), 2 * settings.nodeMonitorPeriod);
    const observedNow = (): number => time.at(clock.monotonic());
    void watchOver(time, client, clock, logger, settings.nodeMonitorPeriod, signal);
    /** Since when (observed time) a pod has been tolerating the taints of its node for a limited time. */
    const leavingSince = new Map<string, number>();
    pods.addIndex(PODS_BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    const onPod = (pod: V1Pod): void => {
      if (pod.spec?.nodeName) queue.add(objectKey(pod));
    };
    const onNode = (node: V1Node): void => pods.byIndex(PODS_BY_NODE, node.metadata.name).forEach(onPod);
    pods.addHandler({
      added: onPod,
      updated: (previous, pod) => {
        if (previous.spec?.nodeName !== pod.spec?.nodeName || !deepEqual(previous.spec?.tolerations ?? [], pod.spec?.tolerations ?? [])) onPod(pod);
      },
      deleted: (pod) => leavingSince.delete(objectKey(pod)),
    });
    nodes.addHandler({
      added: onNode,
      updated: (previous, node) => {
        if (!deepEqual(previous.spec?.taints ?? [], node.spec?.taints ?? [])) onNode(node);
      },
    });

    return async (key) => {
      const pod = pods.get(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
        leavingSince.delete(key);
        return undefined;
      }
      const taints = (nodes.get(pod.spec?.nodeName ?? '')?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');
      const tolerated = toleratedMilliseconds(pod, taints);
      if (tolerated === Infinity) {
        if (leavingSince.delete(key)) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
        return undefined;
      }
      const since = leavingSince.get(key) ?? observedNow();
      leavingSince.set(key, since);
      const left = since + tolerated - observedNow();
      // The observed time may stand still: it is looked at again, no later than the time would be over.
      if (left > 0) return { requeueAfterMilliseconds: left };
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      await evict(pod);
      leavingSince.delete(key);
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

/** How long a pod may stay with these taints: 0 when one is not tolerated, Infinity when all are without a limit. Of several tolerations of one taint the first counts. */
export function toleratedMilliseconds(pod: V1Pod, taints: readonly V1Taint[]): number {
  const limits = taints.map((taint) => {
    const toleration = pod.spec?.tolerations?.find((each) => tolerates(each, taint));
    if (toleration === undefined) return 0;
    return toleration.tolerationSeconds === undefined ? Infinity : Math.max(0, toleration.tolerationSeconds) * 1000;
  });
  return Math.min(Infinity, ...limits);
}
