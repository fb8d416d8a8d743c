import type { V1Deployment, V1ReplicaSet } from '../../api/generated/types.ts';
import { availableOf, isRolling, olderFirst, replicasOf, rollingLimits, totalReplicas, wantedReplicas } from './replicaSets.ts';

/** A ReplicaSet that must get another size. */
export interface Scaling {
  readonly set: V1ReplicaSet;
  readonly replicas: number;
}

/** The size a new ReplicaSet starts with; 0 under Recreate as long as older pods are there. */
export function initialReplicas(deployment: V1Deployment, old: readonly V1ReplicaSet[], olderPodsExist: boolean): number {
  const wanted = wantedReplicas(deployment);
  if (!isRolling(deployment)) return olderPodsExist || totalReplicas(old) > 0 ? 0 : wanted;
  return Math.max(0, Math.min(wanted, wanted + rollingLimits(deployment).maxSurge - totalReplicas(old)));
}

/** The next step of a rollout. `olderPodsExist`: pods of old ReplicaSets that still occupy something (Recreate waits for them). */
export function decideRollout(deployment: V1Deployment, current: V1ReplicaSet, old: readonly V1ReplicaSet[], olderPodsExist: boolean): readonly Scaling[] {
  return isRolling(deployment) ? rollingStep(deployment, current, old) : recreateStep(deployment, current, old, olderPodsExist);
}

function recreateStep(deployment: V1Deployment, current: V1ReplicaSet, old: readonly V1ReplicaSet[], olderPodsExist: boolean): readonly Scaling[] {
  const running = old.filter((set) => replicasOf(set) > 0);
  if (running.length > 0) return running.map((set) => ({ set, replicas: 0 }));
  if (olderPodsExist) return [];
  return scaleTo(current, wantedReplicas(deployment));
}

/** Either the new one grows, or the old ones shrink: one at a time, as Kubernetes does, so that each step sees the last one's effect. */
function rollingStep(deployment: V1Deployment, current: V1ReplicaSet, old: readonly V1ReplicaSet[]): readonly Scaling[] {
  const growth = scaleTo(current, newReplicas(deployment, current, old));
  return growth.length > 0 ? growth : shrinkOld(deployment, current, old);
}

function newReplicas(deployment: V1Deployment, current: V1ReplicaSet, old: readonly V1ReplicaSet[]): number {
  const wanted = wantedReplicas(deployment);
  if (replicasOf(current) >= wanted) return wanted;
  const room = wanted + rollingLimits(deployment).maxSurge - totalReplicas([current, ...old]);
  return room <= 0 ? replicasOf(current) : Math.min(wanted, replicasOf(current) + room);
}

function shrinkOld(deployment: V1Deployment, current: V1ReplicaSet, old: readonly V1ReplicaSet[]): readonly Scaling[] {
  if (totalReplicas(old) === 0) return [];
  const minAvailable = wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable;
  const notYetAvailable = replicasOf(current) - availableOf(current);
  const mayGo = totalReplicas([current, ...old]) - minAvailable - notYetAvailable;
  if (mayGo <= 0) return [];

  // First what does not serve anyway: an update that is stuck must not keep broken pods of an earlier one.
  const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
  let left = mayGo;
  for (const set of [...old].sort(olderFirst)) {
    const unhealthy = Math.min(left, replicasOf(set) - availableOf(set));
    if (unhealthy <= 0) continue;
    sizes.set(set, replicasOf(set) - unhealthy);
    left -= unhealthy;
  }
  let spare = availableOf(current) + old.reduce((sum, set) => sum + availableAndStaying(set), 0) - minAvailable;
  for (const set of [...old].sort(olderFirst)) {
    const healthy = Math.min(spare, sizes.get(set)!);
    if (healthy <= 0) continue;
    sizes.set(set, sizes.get(set)! - healthy);
    spare -= healthy;
  }
  return old.flatMap((set) => scaleTo(set, sizes.get(set)!));
}

/** The status of a set that was just made smaller still counts the pods that are about to go. */
const availableAndStaying = (set: V1ReplicaSet): number => Math.min(availableOf(set), replicasOf(set));

/**
 * What a change of the Deployment's size means while no rollout may go on (paused) or one is half-way: the only active ReplicaSet gets
 * the new size; several share the difference in proportion to their sizes, the largest taking what rounding leaves.
 */
export function decideScaling(deployment: V1Deployment, current: V1ReplicaSet | undefined, old: readonly V1ReplicaSet[], previousMaximum: (set: V1ReplicaSet) => number): readonly Scaling[] {
  const wanted = wantedReplicas(deployment);
  const all = current ? [...old, current] : [...old];
  const active = all.filter((set) => replicasOf(set) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? [...old].sort(olderFirst).at(-1);
    return only ? scaleTo(only, wanted) : [];
  }
  if (current && replicasOf(current) === wanted && availableOf(current) === wanted) {
    return old.filter((set) => replicasOf(set) > 0).map((set) => ({ set, replicas: 0 }));
  }
  if (!isRolling(deployment)) return [];
  return shareOut(active, wanted > 0 ? wanted + rollingLimits(deployment).maxSurge : 0, previousMaximum);
}

function shareOut(active: readonly V1ReplicaSet[], allowed: number, previousMaximum: (set: V1ReplicaSet) => number): readonly Scaling[] {
  const difference = allowed - totalReplicas(active);
  if (difference === 0) return [];
  const bySize = [...active].sort((left, right) => replicasOf(right) - replicasOf(left) || (difference > 0 ? olderFirst(right, left) : olderFirst(left, right)));
  const sizes = new Map<V1ReplicaSet, number>();
  let left = difference;
  for (const set of bySize) {
    const maximum = previousMaximum(set) || totalReplicas(active);
    const share = Math.round((replicasOf(set) * allowed) / maximum) - replicasOf(set);
    const bounded = difference > 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left));
    sizes.set(set, replicasOf(set) + bounded);
    left -= bounded;
  }
  const largest = bySize[0]!;
  sizes.set(largest, Math.max(0, sizes.get(largest)! + left));
  return bySize.flatMap((set) => scaleTo(set, sizes.get(set)!));
}

/** Old ReplicaSets beyond the history that is to be kept: empty, settled ones, the oldest revisions first. */
export function surplusHistory(deployment: V1Deployment, old: readonly V1ReplicaSet[], revision: (set: V1ReplicaSet) => bigint): readonly V1ReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const present = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  return [...present]
    .sort((left, right) => Number(revision(left) - revision(right)))
    .slice(0, Math.max(0, present.length - limit))
    .filter((set) => replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0));
}

function scaleTo(set: V1ReplicaSet, replicas: number): readonly Scaling[] {
  return replicasOf(set) === replicas ? [] : [{ set, replicas }];
}
