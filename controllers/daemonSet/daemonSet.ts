import type { V1ControllerRevision, V1DaemonSet, V1Node } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { objectKey } from '../../client/objectKey.ts';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '../../client/resources.ts';
import { claimObjects } from '../claimObjects.ts';
import { type Controller, seen } from '../controller.ts';
import { ownedHandler, ownHandler } from '../ownerHandlers.ts';
import { CONTROLLER_UID_INDEX, controllerUidIndexer } from '../ownership.ts';
import { nextAvailability } from '../podConditions.ts';
import { PodControl } from '../podControl.ts';
import { REVISION_HASH_LABEL, STATEFUL_HASH_LABEL, syncHistory, truncateHistory } from '../revisionHistory.ts';
import { daemonPod, targetNode } from './daemonPod.ts';
import { daemonSetStatus, decideDaemonSet, type DaemonAction } from './decideDaemonSet.ts';
import { FailedPodBackoff } from './failedPodBackoff.ts';

/** At most this many pods are created or deleted in one round (Kubernetes' BurstReplicas). */
const BURST = 250;

/** Keeps one pod of a template on every node that it may run on. Key: the DaemonSet's. */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  workers: 2,
  setup({ client, informers, recorder, clock }, queue) {
    const sets = informers.informer(DaemonSets);
    const pods = informers.informer(Pods);
    const nodes = informers.informer(Nodes);
    const revisionInformer = informers.informer(ControllerRevisions);
    const podControl = new PodControl(client, recorder);
    const failures = new FailedPodBackoff();
    pods.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    revisionInformer.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    const enqueueAll = (): void => {
      for (const set of sets.list()) queue.add(objectKey(set));
    };
    sets.addHandler(ownHandler(queue));
    pods.addHandler(ownedHandler(queue, sets, (set, pod) => matchesLabels(selectorOf(set.spec?.selector), pod.metadata.labels)));
    nodes.addHandler({ added: enqueueAll, updated: (previous, node) => (placementFacts(previous) === placementFacts(node) ? undefined : enqueueAll()), deleted: enqueueAll });

    return async (key) => {
      const set = sets.get(key);
      if (set === undefined) return undefined;
      const selector = selectorOf(set.spec?.selector);
      const owned = await claimObjects(client, pods, set, (pod) => matchesLabels(selector, pod.metadata.labels));
      const history = await syncHistory(client, revisionInformer, set, REVISION_HASH_LABEL);
      const revision = hashOf(history.update);

      const { due, wait: backoff } = putOff(set, decideDaemonSet(set, nodes.list(), owned, revision, clock.now()));
      await carryOut(set, due.slice(0, BURST), revision);
      const current = pods.byIndex(CONTROLLER_UID_INDEX, set.metadata.uid);
      const status = daemonSetStatus(set, nodes.list(), current, revision, clock.now());
      if (!deepEqual(status, set.status ?? {})) {
        const written = await client.updateStatus(DaemonSets, { ...set, status });
        await seen(sets, [written]);
      }
      const hashes = new Set(current.map((pod) => pod.metadata.labels?.[REVISION_HASH_LABEL] ?? ''));
      const used = history.revisions.filter((each) => hashes.has(hashOf(each))).map((each) => each.metadata.name);
      await truncateHistory(client, set, history, new Set(used));
      const wait = nextAvailability(current, set.spec?.minReadySeconds ?? 0, clock.now());
      const next = Math.min(wait ?? Infinity, backoff);
      return next === Infinity ? undefined : { requeueAfterMilliseconds: next };
    };

    /** Which of these may be done now, and how many milliseconds until the next of the others. */
    function putOff(set: V1DaemonSet, actions: readonly DaemonAction[]): { readonly due: readonly DaemonAction[]; readonly wait: number } {
      let wait = Infinity;
      const due = actions.filter((action) => {
        if (action.kind !== 'delete' || action.ended !== 'Failed') return true;
        const left = failures.take(`${set.metadata.uid}/${set.metadata.generation ?? 0}/${targetNode(action.pod) ?? ''}`, clock.monotonic());
        if (left > 0) wait = Math.min(wait, left);
        return left === 0;
      });
      return { due, wait };
    }

    async function carryOut(set: V1DaemonSet, actions: readonly DaemonAction[], revision: string): Promise<void> {
      const written = await Promise.all(
        actions.map((action) => {
          if (action.kind === 'create') return podControl.create(set, daemonPod(set, set.spec?.template ?? {}, revision, action.node));
          const where = `${objectKey(action.pod)} on node ${action.pod.spec?.nodeName}`;
          if (action.ended === 'Failed') recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${where}, will try to kill it`);
          if (action.ended === 'Succeeded') recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${where}, will try to delete it`);
          return podControl.delete(set, action.pod);
        }),
      );
      await seen(pods, written.filter((pod) => pod !== undefined));
    }
  },
};

/** What of a node decides whether a daemon belongs there; its reports come every few seconds and do not. */
function placementFacts(node: V1Node): string {
  return JSON.stringify([node.metadata.labels, node.spec?.taints, node.spec?.unschedulable]);
}

/** The hash of a revision; those of Gantry's first releases bear it as a StatefulSet's do, and their pods must not be made anew for that. */
const hashOf = ({ metadata }: V1ControllerRevision): string => metadata.labels?.[REVISION_HASH_LABEL] ?? metadata.labels?.[STATEFUL_HASH_LABEL] ?? metadata.name;
