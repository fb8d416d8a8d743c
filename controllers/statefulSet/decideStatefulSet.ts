import type { V1Pod, V1StatefulSet, V1StatefulSetStatus } from '../../api/generated/types.ts';
import { scaledValue } from '../../api/values/intOrString.ts';
import { isAvailable, isReady } from '../podConditions.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';
import { ordinalOf } from './identity.ts';

export interface Revisions {
  /** What pods were made from before an update began. */
  readonly current: string;
  /** The present template's. */
  readonly update: string;
}

export type StatefulSetAction = { readonly kind: 'create'; readonly ordinal: number; readonly revision: string } | { readonly kind: 'delete'; readonly pod: V1Pod };

const isTerminating = (pod: V1Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isOver = (pod: V1Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
const isHealthy = (pod: V1Pod): boolean => isReady(pod) && !isTerminating(pod);
const revisionOf = (pod: V1Pod): string => pod.metadata.labels?.[REVISION_HASH_LABEL] ?? '';
const wantedOf = (set: V1StatefulSet): number => set.spec?.replicas ?? 1;
const firstOf = (set: V1StatefulSet): number => set.spec?.ordinals?.start ?? 0;

/**
 * What to do next. Under OrderedReady one pod at a time: a lower ordinal must be ready before a higher one is made, a higher one gone
 * before a lower one is removed. Nothing is replaced by an update before the rest is in order. `now` is wall-clock milliseconds.
 */
export function decideStatefulSet(set: V1StatefulSet, owned: readonly V1Pod[], revisions: Revisions, now: number): readonly StatefulSetAction[] {
  if (set.metadata.deletionTimestamp !== undefined) return [];
  const ordered = (set.spec?.podManagementPolicy ?? 'OrderedReady') === 'OrderedReady';
  const available = (pod: V1Pod): boolean => isHealthy(pod) && isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
  const first = firstOf(set);
  const end = first + wantedOf(set);
  const byOrdinal = new Map(owned.map((pod) => [ordinalOf(set, pod), pod]));
  const condemned = owned.filter((pod) => !isWithin(ordinalOf(set, pod), first, end)).sort((left, right) => (ordinalOf(set, right) ?? 0) - (ordinalOf(set, left) ?? 0));

  const actions: StatefulSetAction[] = [];
  for (let ordinal = first; ordinal < end; ordinal += 1) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) actions.push({ kind: 'create', ordinal, revision: revisionFor(set, ordinal, revisions) });
    else if (isOver(pod) && !isTerminating(pod)) actions.push({ kind: 'delete', pod });
    else if (!ordered || available(pod)) continue;
    // A pod of an old revision that does not come up must not block the update that would mend it.
    else if (!isTerminating(pod) && !isReady(pod) && mayReplace(set, ordinal) && revisionOf(pod) !== revisions.update) break;
    if (ordered) return actions;
  }
  const unhealthy = ordered ? firstUnhealthy(set, owned, available) : undefined;
  for (const pod of condemned) {
    // Nothing goes while something is wrong, but for the first that is.
    if (ordered && !isTerminating(pod) && !available(pod) && pod !== unhealthy) return actions;
    if (!isTerminating(pod)) actions.push({ kind: 'delete', pod });
    if (ordered) return actions;
  }
  if (actions.length > 0) return actions;
  return updateStep(set, byOrdinal, revisions, available);
}

/** The one of the lowest ordinal; those that are to go come last. */
function firstUnhealthy(set: V1StatefulSet, owned: readonly V1Pod[], available: (pod: V1Pod) => boolean): V1Pod | undefined {
  const first = firstOf(set);
  const rank = (pod: V1Pod): number => (ordinalOf(set, pod) ?? 0) + (isWithin(ordinalOf(set, pod), first, first + wantedOf(set)) ? 0 : Number.MAX_SAFE_INTEGER / 2);
  return owned.filter((pod) => !available(pod)).sort((left, right) => rank(left) - rank(right))[0];
}

function isWithin(ordinal: number | undefined, first: number, end: number): boolean {
  return ordinal !== undefined && ordinal >= first && ordinal < end;
}

const partitionOf = (set: V1StatefulSet): number => set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
const isRolling = (set: V1StatefulSet): boolean => (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

function mayReplace(set: V1StatefulSet, ordinal: number): boolean {
  return isRolling(set) && ordinal >= firstOf(set) + partitionOf(set);
}

/** Ordinals below the partition keep the current revision, also when they are replaced. */
function revisionFor(set: V1StatefulSet, ordinal: number, revisions: Revisions): string {
  return isRolling(set) && ordinal < firstOf(set) + partitionOf(set) ? revisions.current : revisions.update;
}

/** From the highest ordinal down, no more than maxUnavailable at a time. */
function updateStep(set: V1StatefulSet, byOrdinal: ReadonlyMap<number | undefined, V1Pod>, revisions: Revisions, available: (pod: V1Pod) => boolean): readonly StatefulSetAction[] {
  if (!isRolling(set)) return [];
  const wanted = wantedOf(set);
  const limit = Math.max(1, scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted, true) ?? 1);
  let unavailable = [...byOrdinal.values()].filter((pod) => !available(pod)).length;
  const actions: StatefulSetAction[] = [];
  for (let ordinal = firstOf(set) + wanted - 1; ordinal >= firstOf(set) + partitionOf(set); ordinal -= 1) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined || isTerminating(pod) || revisionOf(pod) === revisions.update) continue;
    const broken = !available(pod);
    if (!broken && unavailable >= limit) return actions;
    actions.push({ kind: 'delete', pod });
    if (!broken) unavailable += 1;
    if (actions.length >= limit) return actions;
  }
  return actions;
}

export function statefulSetStatus(set: V1StatefulSet, owned: readonly V1Pod[], revisions: Revisions, now: number): V1StatefulSetStatus {
  const live = owned.filter((pod) => !isOver(pod));
  const count = (test: (pod: V1Pod) => boolean): number => live.filter(test).length;
  const updated = count((pod) => !isTerminating(pod) && revisionOf(pod) === revisions.update);
  const ready = count(isReady);
  const wanted = wantedOf(set);
  // When all are of the new revision, it is what everything else is measured against from now on.
  const complete = isRolling(set) && updated === wanted && live.length === wanted && ready === wanted;
  const current = complete ? revisions.update : revisions.current;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: live.length,
    readyReplicas: ready,
    availableReplicas: count((pod) => isHealthy(pod) && isAvailable(pod, set.spec?.minReadySeconds ?? 0, now)),
    currentReplicas: count((pod) => !isTerminating(pod) && revisionOf(pod) === current),
    updatedReplicas: updated,
    currentRevision: current,
    updateRevision: revisions.update,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}
