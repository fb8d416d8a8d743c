import type { V1Deployment, V1ReplicaSet } from '../../api/generated/types.ts';
import { ApiError } from '../../api/apiError.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { objectKey } from '../../client/objectKey.ts';
import { Deployments, Pods, ReplicaSets } from '../../client/resources.ts';
import { claimObjects } from '../claimObjects.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { ownedHandler, ownHandler } from '../ownerHandlers.ts';
import { CONTROLLER_UID_INDEX, controllerOf, controllerUidIndexer } from '../ownership.ts';
import { messageOf } from '../podControl.ts';
import {
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
  newReplicaSet,
  nextRevision,
  replicasOf,
  REVISION_ANNOTATION,
  revisionOf,
  sameTemplate,
  sizeAnnotations,
  splitReplicaSets,
  wantedAnnotations,
  wantedReplicas,
} from './replicaSets.ts';
import { decideRollout, decideScaling, initialReplicas, type Scaling, surplusHistory } from './rollout.ts';
import { deadlineIn, deploymentCondition, deploymentStatus, isComplete, type RolloutNews } from './status.ts';

/**
 * Rolls out a Deployment's template through ReplicaSets. One round makes one step: it sizes ReplicaSets, waits until it sees that, and
 * is called again by their status. Key: the Deployment's.
 */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  serviceAccount: 'deployment-controller',
  workers: 5,
  setup({ client, informers, recorder, clock }, queue) {
    const deployments = informers.informer(Deployments);
    const replicaSets = informers.informer(ReplicaSets);
    const pods = informers.informer(Pods);
    replicaSets.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    pods.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    deployments.addHandler(ownHandler(queue));
    replicaSets.addHandler(ownedHandler(queue, deployments, (deployment, set) => matchesLabels(selectorOf(deployment.spec?.selector), set.metadata.labels)));
    // Recreate waits for the last pod of the old template.
    pods.addHandler({
      deleted: (pod) => {
        const set = replicaSets.get(`${pod.metadata.namespace}/${controllerOf(pod)?.name ?? ''}`);
        const owner = set && controllerOf(set);
        if (owner) queue.add(`${pod.metadata.namespace}/${owner.name}`);
      },
    });

    return async (key) => {
      const deployment = deployments.get(key);
      if (deployment === undefined) return undefined;
      const selector = selectorOf(deployment.spec?.selector);
      const sets = await claimObjects(client, replicaSets, deployment, (set) => matchesLabels(selector, set.metadata.labels));
      const { current, old } = splitReplicaSets(deployment, sets);
      if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(deployment, current, old, undefined);

      const revision = larger(nextRevision(old), current ? revisionOf(current) : 0n);
      if (deployment.spec?.paused || isScaling(deployment, sets)) {
        await apply(deployment, decideScaling(deployment, current, old, (set) => Number(set.metadata.annotations?.[MAX_REPLICAS_ANNOTATION] ?? 0)));
        return writeStatus(deployment, current, old, undefined);
      }
      if (current === undefined) return createCurrent(deployment, old, revision);
      if (await alignCurrent(deployment, current, revision)) return undefined;

      await apply(deployment, decideRollout(deployment, current, old, olderPodsExist(old)));
      if (isComplete(deployment, deployment.status ?? {})) await Promise.all(surplusHistory(deployment, old, revisionOf).map(removeSet));
      return writeStatus(deployment, current, old, deploymentCondition(deployment, 'Progressing') === undefined ? { kind: 'found', set: current.metadata.name } : undefined);
    };

    function olderPodsExist(old: readonly V1ReplicaSet[]): boolean {
      return old.some((set) => pods.byIndex(CONTROLLER_UID_INDEX, set.metadata.uid).some((pod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'));
    }

    async function createCurrent(deployment: V1Deployment, old: readonly V1ReplicaSet[], revision: bigint): Promise<void> {
      const draft = newReplicaSet(deployment, initialReplicas(deployment, old, olderPodsExist(old)), revision);
      const name = draft.metadata.name ?? '';
      try {
        const created = await client.create(ReplicaSets, draft, deployment.metadata.namespace);
        if (replicasOf(created) > 0) recordScaling(deployment, name, 0, replicasOf(created));
        await setRevision(deployment, revision);
        await seen(replicaSets, [created]);
        await writeStatus(deployment, created, old, { kind: 'created', set: name });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.reason === 'AlreadyExists') return resolveCollision(deployment, name);
        await writeStatus(deployment, undefined, old, { kind: 'createFailed', message: messageOf(error) });
        recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', `Failed to create new replica set "${name}": ${messageOf(error)}`);
        throw error;
      }
    }

    /** Our own earlier creation is found by the informer sooner or later; a stranger's object of that name makes us take another hash. */
    async function resolveCollision(deployment: V1Deployment, name: string): Promise<void> {
      const standing = await ignoreReasons(['NotFound'], () => client.get(ReplicaSets, name, deployment.metadata.namespace));
      if (standing === undefined || (controllerOf(standing)?.uid === deployment.metadata.uid && sameTemplate(standing.spec?.template, deployment.spec?.template))) {
        queue.addAfter(objectKey(deployment), 100);
        return;
      }
      const status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Deployments, { ...deployment, status }));
      if (written) await seen(deployments, [written]);
      queue.add(objectKey(deployment));
    }

    /** Brings annotations and minReadySeconds of the current ReplicaSet up to date; true when something was written, and the next round goes on. */
    async function alignCurrent(deployment: V1Deployment, current: V1ReplicaSet, revision: bigint): Promise<boolean> {
      const annotations = wantedAnnotations(deployment, current.metadata.annotations ?? {}, revision);
      const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
      const aligned = deepEqual(annotations, current.metadata.annotations ?? {}) && (current.spec?.minReadySeconds ?? 0) === minReadySeconds;
      const wrote = await setRevision(deployment, larger(revision, revisionOf(current)));
      if (aligned) return wrote;
      const written = await ignoreReasons(['NotFound', 'Conflict'], () =>
        client.update(ReplicaSets, { ...current, metadata: { ...current.metadata, annotations }, spec: { ...current.spec!, minReadySeconds } }),
      );
      if (written) await seen(replicaSets, [written]);
      queue.add(objectKey(deployment));
      return true;
    }

    async function setRevision(deployment: V1Deployment, revision: bigint): Promise<boolean> {
      if (deployment.metadata.annotations?.[REVISION_ANNOTATION] === String(revision)) return false;
      // A PUT: the loop's role has no right to patch Deployments.
      const annotations = { ...deployment.metadata.annotations, [REVISION_ANNOTATION]: String(revision) };
      // By its status: an annotation that is written to the deployment itself counts its generation on.
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Deployments, { ...deployment, metadata: { ...deployment.metadata, annotations } }));
      if (written) await seen(deployments, [written]);
      else queue.add(objectKey(deployment));
      return written !== undefined;
    }

    async function apply(deployment: V1Deployment, scalings: readonly Scaling[]): Promise<void> {
      const written = await Promise.all(
        scalings.map(async ({ set, replicas }) => {
          const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
          const scaled = await ignoreReasons(['NotFound', 'Conflict'], () => client.update(ReplicaSets, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, replicas } }));
          if (scaled === undefined) queue.add(objectKey(deployment));
          else recordScaling(deployment, set.metadata.name, replicasOf(set), replicas);
          return scaled;
        }),
      );
      await seen(replicaSets, written.filter((set) => set !== undefined));
    }

    function recordScaling(deployment: V1Deployment, set: string, from: number, to: number): void {
      recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`);
    }

    async function removeSet(set: V1ReplicaSet): Promise<void> {
      const { name, namespace, uid } = set.metadata;
      await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(ReplicaSets, name, namespace, { preconditions: { uid } }));
    }

    /** Counts come from the freshest copies the informer has; asks to be called again when a stuck rollout would run out of time. */
    async function writeStatus(deployment: V1Deployment, current: V1ReplicaSet | undefined, old: readonly V1ReplicaSet[], news: RolloutNews): Promise<{ requeueAfterMilliseconds: number } | undefined> {
      const fresh = (set: V1ReplicaSet): V1ReplicaSet => replicaSets.get(objectKey(set)) ?? set;
      const latest = deployments.get(objectKey(deployment)) ?? deployment;
      const status = deploymentStatus(latest, current && fresh(current), old.map(fresh), news, clock.now());
      if (!deepEqual(status, latest.status ?? {})) {
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Deployments, { ...latest, status }));
        if (written) await seen(deployments, [written]);
        else queue.add(objectKey(deployment));
      }
      const wait = deadlineIn({ ...latest, status }, clock.now());
      return wait === undefined || wait <= 0 ? undefined : { requeueAfterMilliseconds: wait + 1000 };
    }
  },
};

/** Some ReplicaSet was sized for another number of replicas than the Deployment now wants. */
function isScaling(deployment: V1Deployment, sets: readonly V1ReplicaSet[]): boolean {
  return sets.some((set) => replicasOf(set) > 0 && set.metadata.annotations?.[DESIRED_REPLICAS_ANNOTATION] !== undefined && Number(set.metadata.annotations[DESIRED_REPLICAS_ANNOTATION]) !== wantedReplicas(deployment));
}

const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);
