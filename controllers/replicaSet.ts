import type { KubeObject, NamespacedMeta } from '../api/meta.ts';
import type { V1Pod, V1PodTemplateSpec, V1ReplicaSet, V1ReplicaSetCondition, V1ReplicaSetStatus, V1ReplicationController } from '../api/generated/types.ts';
import { type LabelSelector, matchesLabels, selectorOf, selectorOfMap } from '../api/values/labelSelector.ts';
import { Pods, ReplicaSets, ReplicationControllers } from '../client/resources.ts';
import type { Resource } from '../client/types.ts';
import { formatTime } from '../process/clock.ts';
import { claimObjects } from './claimObjects.ts';
import { caughtUp, type Controller, mayHaveHappened, seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { ownedHandler, ownHandler } from './ownerHandlers.ts';
import { CONTROLLER_UID_INDEX, controllerUidIndexer } from './ownership.ts';
import { isActive, isAvailable, isReady, isTerminating, nextAvailability } from './podConditions.ts';
import { messageOf, PodControl, podFromTemplate, slowStart } from './podControl.ts';
import { inDeletionOrder } from './podDeletionRank.ts';

/** At most this many pods are created or deleted in one round (Kubernetes' BurstReplicas). */
const BURST = 500;

/** ReplicaSet and ReplicationController are one loop over two kinds: this is what they have in common. */
interface ReplicaOwner extends KubeObject {
  metadata: NamespacedMeta;
  spec?: { replicas?: number; minReadySeconds?: number; template?: V1PodTemplateSpec };
  status?: V1ReplicaSetStatus;
}

export const replicaSetController = replicaController<V1ReplicaSet>('replicaset-controller', 'replicaset-controller', ReplicaSets, (set) => selectorOf(set.spec?.selector), nextReplicaSetStatus);

export const replicationControllerController = replicaController<V1ReplicationController>('replicationcontroller-controller', 'replication-controller', ReplicationControllers, (owner) => selectorOfMap(owner.spec?.selector), nextStatus);

/** Keeps the wanted number of pods of a template running. Key: the owner's. */
function replicaController<T extends ReplicaOwner>(
  name: string,
  serviceAccount: string,
  resource: Resource<T>,
  ownSelector: (owner: T) => LabelSelector,
  statusOf: typeof nextStatus,
): Controller {
  return {
    name,
    serviceAccount,
    eventSource: serviceAccount,
    workers: 5,
    setup({ client, informers, recorder, clock }, queue) {
      const owners = informers.informer(resource);
      const pods = informers.informer(Pods);
      const podControl = new PodControl(client, recorder);
      pods.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
      owners.addHandler(ownHandler(queue));
      pods.addHandler(ownedHandler(queue, owners, (owner, pod) => matchesLabels(ownSelector(owner), pod.metadata.labels)));

      // Owners of whose last round an answer was lost.
      const uncertain = new Set<string>();

      return async (key) => {
        const owner = owners.get(key);
        if (owner === undefined) {
          uncertain.delete(key);
          return undefined;
        }
        if (uncertain.has(key)) await caughtUp(client, pods, owner.metadata.namespace);
        uncertain.delete(key);
        const { uid } = owner.metadata;
        const selector = ownSelector(owner);
        const owned = await claimObjects(client, pods, owner, (pod) => matchesLabels(selector, pod.metadata.labels));

        const decision = decideReplicas(owner, owned, clock.now());
        const { created, error } = await slowStart(decision.create, () => podControl.create(owner, podFromTemplate(owner, owner.spec?.template ?? {})));
        const deletions = await Promise.allSettled(decision.delete.map((pod) => podControl.delete(owner, pod)));
        const deleted = deletions.flatMap((each) => (each.status === 'fulfilled' && each.value !== undefined ? [each.value] : []));
        await seen(pods, [...created, ...deleted]);
        const refusal = deletions.find((each) => each.status === 'rejected');
        if ((error !== undefined && mayHaveHappened(error)) || (refusal && mayHaveHappened(refusal.reason))) uncertain.add(key);
        if (refusal) throw refusal.reason;

        const current = pods.byIndex(CONTROLLER_UID_INDEX, uid);
        const failure = error === undefined ? undefined : { reason: 'FailedCreate', message: messageOf(error) };
        const status = statusOf(owner, current, selector, failure, clock.now());
        if (status !== undefined) {
          const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(resource, { ...owner, status }));
          if (written) await seen(owners, [written]);
          else queue.add(key);
        }
        if (error !== undefined) throw error;
        const wait = nextAvailability(current, owner.spec?.minReadySeconds ?? 0, clock.now());
        return wait === undefined ? undefined : { requeueAfterMilliseconds: wait };
      };
    },
  };
}

export interface ReplicaDecision {
  readonly create: number;
  readonly delete: readonly V1Pod[];
}

/** How many pods to create, or which to delete; `owned` are the pods the owner controls. */
export function decideReplicas(owner: ReplicaOwner, owned: readonly V1Pod[], now: number): ReplicaDecision {
  const active = owned.filter(isActive);
  const wanted = owner.spec?.replicas ?? 1;
  if (owner.metadata.deletionTimestamp !== undefined || active.length === wanted) return { create: 0, delete: [] };
  if (active.length < wanted) return { create: Math.min(wanted - active.length, BURST), delete: [] };
  const surplus = Math.min(active.length - wanted, BURST);
  return { create: 0, delete: inDeletionOrder(active, active, now).slice(0, surplus) };
}

/** As `nextStatus`, with the pods that are about to go, which only a ReplicaSet counts. */
export function nextReplicaSetStatus(...[owner, owned, ...rest]: Parameters<typeof nextStatus>): V1ReplicaSetStatus | undefined {
  const terminatingReplicas = owned.filter(isTerminating).length;
  const next = nextStatus(owner, owned, ...rest);
  if (next === undefined && owner.status?.terminatingReplicas === terminatingReplicas) return undefined;
  return { ...(next ?? owner.status!), terminatingReplicas };
}

/** The status to write, or undefined when it is as it should be. */
export function nextStatus(
  owner: ReplicaOwner,
  owned: readonly V1Pod[],
  selector: LabelSelector,
  failure: { readonly reason: string; readonly message: string } | undefined,
  now: number,
): V1ReplicaSetStatus | undefined {
  const active = owned.filter(isActive);
  const templateLabels = Object.entries(owner.spec?.template?.metadata?.labels ?? {});
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0;
  const previous = owner.status;
  const counts = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => matchesLabels(selector, pod.metadata.labels) && templateLabels.every(([name, value]) => pod.metadata.labels?.[name] === value)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    observedGeneration: owner.metadata.generation ?? 0,
  };
  const others = (previous?.conditions ?? []).filter((condition) => condition.type !== 'ReplicaFailure');
  const standing = previous?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  const conditions = failure === undefined ? others : [...others, failureCondition(failure, standing, now)];
  const same =
    previous !== undefined &&
    (Object.keys(counts) as (keyof typeof counts)[]).every((name) => (previous[name] ?? 0) === counts[name]) &&
    (standing === undefined) === (failure === undefined);
  if (same) return undefined;
  return { ...counts, ...(conditions.length > 0 ? { conditions } : {}) };
}

function failureCondition(failure: { readonly reason: string; readonly message: string }, standing: V1ReplicaSetCondition | undefined, now: number): V1ReplicaSetCondition {
  return standing ?? { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message: failure.message, lastTransitionTime: formatTime(now) };
}
