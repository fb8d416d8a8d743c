import type { V1Pod, V1StatefulSet } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { ControllerRevisions, PersistentVolumeClaims, Pods, StatefulSets } from '../../client/resources.ts';
import { claimObjects } from '../claimObjects.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { ownedHandler, ownHandler } from '../ownerHandlers.ts';
import { CONTROLLER_UID_INDEX, controllerUidIndexer } from '../ownership.ts';
import { nextAvailability } from '../podConditions.ts';
import { messageOf } from '../podControl.ts';
import { REVISION_HASH_LABEL, STATEFUL_HASH_LABEL, syncHistory, templateOf, truncateHistory, type History } from '../revisionHistory.ts';
import { decideStatefulSet, type Revisions, type StatefulSetAction, statefulSetStatus } from './decideStatefulSet.ts';
import { ordinalOf, statefulClaims, statefulPod } from './identity.ts';

/** Keeps numbered pods with names and volumes of their own. Key: the StatefulSet's. */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',
  workers: 5,
  setup({ client, informers, recorder, clock }, queue) {
    const sets = informers.informer(StatefulSets);
    const pods = informers.informer(Pods);
    const revisionInformer = informers.informer(ControllerRevisions);
    pods.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    revisionInformer.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    sets.addHandler(ownHandler(queue));
    pods.addHandler(ownedHandler(queue, sets, (set, pod) => ordinalOf(set, pod) !== undefined && matchesLabels(selectorOf(set.spec?.selector), pod.metadata.labels)));

    return async (key) => {
      const set = sets.get(key);
      if (set === undefined) return undefined;
      const selector = selectorOf(set.spec?.selector);
      const owned = await claimObjects(client, pods, set, (pod) => ordinalOf(set, pod) !== undefined && matchesLabels(selector, pod.metadata.labels));
      const history = await syncHistory(client, revisionInformer, set, STATEFUL_HASH_LABEL);
      const update = history.update.metadata.name;
      const known = history.revisions.some((revision) => revision.metadata.name === set.status?.currentRevision);
      const revisions: Revisions = { current: known ? (set.status?.currentRevision ?? update) : update, update };

      for (const action of decideStatefulSet(set, owned, revisions, clock.now())) await carryOut(set, action, history);
      const current = pods.byIndex(CONTROLLER_UID_INDEX, set.metadata.uid);
      const status = statefulSetStatus(set, current, revisions, clock.now());
      if (!deepEqual(status, set.status ?? {})) {
        const written = await client.updateStatus(StatefulSets, { ...set, status });
        await seen(sets, [written]);
      }
      await truncateHistory(client, set, history, new Set([revisions.current, ...current.map((pod) => pod.metadata.labels?.[REVISION_HASH_LABEL] ?? '')]));
      const wait = nextAvailability(current, set.spec?.minReadySeconds ?? 0, clock.now());
      return wait === undefined ? undefined : { requeueAfterMilliseconds: wait };
    };

    async function carryOut(set: V1StatefulSet, action: StatefulSetAction, history: History): Promise<void> {
      if (action.kind === 'delete') return remove(set, action.pod);
      const revision = history.revisions.find((each) => each.metadata.name === action.revision) ?? history.update;
      const draft = statefulPod(set, templateOf(revision), revision.metadata.name, action.ordinal);
      const name = draft.metadata.name ?? '';
      try {
        await createClaims(set, action.ordinal, name);
        const created = await ignoreReasons(['AlreadyExists'], () => client.create(Pods, draft, set.metadata.namespace));
        if (created === undefined) return;
        recorder.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
        await seen(pods, [created]);
      } catch (error) {
        recorder.event(set, 'Warning', 'FailedCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`);
        throw error;
      }
    }

    async function createClaims(set: V1StatefulSet, ordinal: number, pod: string): Promise<void> {
      for (const volumeClaim of statefulClaims(set, ordinal)) {
        const created = await ignoreReasons(['AlreadyExists'], () => client.create(PersistentVolumeClaims, volumeClaim, set.metadata.namespace));
        if (created) recorder.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${created.metadata.name} Pod ${pod} in StatefulSet ${set.metadata.name} success`);
      }
    }

    async function remove(set: V1StatefulSet, pod: V1Pod): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      try {
        const answer = await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Pods, name, namespace, { preconditions: { uid } }));
        recorder.event(set, 'Normal', 'SuccessfulDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`);
        if (answer?.kind === 'Pod') await seen(pods, [answer as V1Pod]);
      } catch (error) {
        recorder.event(set, 'Warning', 'FailedDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`);
        throw error;
      }
    }
  },
};
