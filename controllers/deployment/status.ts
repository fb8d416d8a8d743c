import type { V1Deployment, V1DeploymentCondition, V1DeploymentStatus, V1ReplicaSet } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { rollingLimits, totalAvailable, wantedReplicas } from './replicaSets.ts';

export const deploymentCondition = (deployment: V1Deployment, type: string): V1DeploymentCondition | undefined =>
  deployment.status?.conditions?.find((condition) => condition.type === type);

/** A condition before its times are set. */
interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What happened in this round that the Progressing condition tells; the counts tell the rest. */
export type RolloutNews = { readonly kind: 'created' | 'found'; readonly set: string } | { readonly kind: 'createFailed'; readonly message: string } | undefined;

/** The whole status as it should be. `now` is wall-clock milliseconds. */
export function deploymentStatus(deployment: V1Deployment, current: V1ReplicaSet | undefined, old: readonly V1ReplicaSet[], news: RolloutNews, now: number): V1DeploymentStatus {
  const sets = current ? [...old, current] : old;
  const replicas = sum(sets, (set) => set.status?.replicas);
  const available = totalAvailable(sets);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(sets, (set) => set.spec?.replicas) - available),
    ...terminating(sets),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  };
  const conditions = [availability(deployment, available), progress(deployment, current, counts, news, now), failure(sets, news)]
    .filter((verdict) => verdict !== undefined)
    .map((verdict) => stamp(verdict, deploymentCondition(deployment, verdict.type), now, hasMoved(deployment.status, counts)));
  return { ...counts, conditions };
}

function sum(sets: readonly V1ReplicaSet[], count: (set: V1ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (count(set) ?? 0), 0);
}

/** Not told where a set's controller has not counted them (upstream's `GetTerminatingReplicaCountForReplicaSets`). */
function terminating(sets: readonly V1ReplicaSet[]): Pick<V1DeploymentStatus, 'terminatingReplicas'> {
  const isUncounted = ({ status }: V1ReplicaSet): boolean => (status?.observedGeneration ?? 0) > 0 && status?.terminatingReplicas === undefined;
  return sets.some(isUncounted) ? {} : { terminatingReplicas: sum(sets, (set) => set.status?.terminatingReplicas) };
}

function availability(deployment: V1Deployment, available: number): Verdict {
  return available >= wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
}

type Counts = Pick<V1DeploymentStatus, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'>;

/** Every replica is of the new template, all are available, and nothing of the old is left. */
export function isComplete(deployment: V1Deployment, counts: Counts & Pick<V1DeploymentStatus, 'observedGeneration'>): boolean {
  const wanted = wantedReplicas(deployment);
  return counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted && (counts.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

/** More of the new, fewer of the old, or more that serve: a rollout that does any of these is alive. */
function hasMoved(previous: V1DeploymentStatus | undefined, counts: Counts): boolean {
  const oldBefore = (previous?.replicas ?? 0) - (previous?.updatedReplicas ?? 0);
  return (
    (counts.updatedReplicas ?? 0) > (previous?.updatedReplicas ?? 0) ||
    (counts.replicas ?? 0) - (counts.updatedReplicas ?? 0) < oldBefore ||
    (counts.readyReplicas ?? 0) > (previous?.readyReplicas ?? 0) ||
    (counts.availableReplicas ?? 0) > (previous?.availableReplicas ?? 0)
  );
}

function progress(deployment: V1Deployment, current: V1ReplicaSet | undefined, counts: V1DeploymentStatus, news: RolloutNews, now: number): Verdict | undefined {
  const standing = deploymentCondition(deployment, 'Progressing');
  if (deployment.spec?.progressDeadlineSeconds === undefined || deployment.spec.progressDeadlineSeconds === 2147483647) return undefined;
  const verdict = (status: Verdict['status'], reason: string, message: string): Verdict => ({ type: 'Progressing', status, reason, message });
  if (deployment.spec.paused) return verdict('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (standing?.reason === 'DeploymentPaused') return verdict('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  if (news?.kind === 'createFailed') return verdict('False', 'ReplicaSetCreateError', news.message);
  if (news?.kind === 'created') return verdict('True', 'NewReplicaSetCreated', `Created new replica set "${news.set}"`);
  const standingVerdict = (): Verdict => ({ type: 'Progressing', status: standing!.status as Verdict['status'], reason: standing!.reason ?? '', message: standing!.message ?? '' });
  // A rollout that is over is not under way again because pods are lost or more are wanted (upstream's syncRolloutStatus).
  if (standing?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas) return standingVerdict();
  const name = current?.metadata.name;
  const subject = name === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${name}"`;
  if (isComplete(deployment, counts)) return verdict('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  if (news?.kind === 'found' && standing?.reason !== 'ProgressDeadlineExceeded') return verdict('True', 'FoundNewReplicaSet', `Found new replica set "${news.set}"`);
  if (hasMoved(deployment.status, counts)) return verdict('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  if (standing === undefined) return verdict('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  if (deadlineIn(deployment, now)! <= 0) return verdict('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
  return standingVerdict();
}

/** Milliseconds until a rollout that does not move is given up; undefined when none is under way. */
export function deadlineIn(deployment: V1Deployment, now: number): number | undefined {
  const standing = deploymentCondition(deployment, 'Progressing');
  const seconds = deployment.spec?.progressDeadlineSeconds;
  if (standing === undefined || seconds === undefined || standing.reason === 'NewReplicaSetAvailable' || deployment.spec?.paused) return undefined;
  return Date.parse(standing.lastUpdateTime ?? standing.lastTransitionTime ?? '') + seconds * 1000 - now;
}

function failure(sets: readonly V1ReplicaSet[], news: RolloutNews): Verdict | undefined {
  if (news?.kind === 'createFailed') return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: news.message };
  for (const set of [...sets].reverse()) {
    const failed = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
    if (failed) return { type: 'ReplicaFailure', status: 'True', reason: failed.reason ?? '', message: failed.message ?? '' };
  }
  return undefined;
}

/** `lastUpdateTime` moves on whenever there is news, or a rollout moves; `lastTransitionTime` only with the status. */
function stamp(verdict: Verdict, standing: V1DeploymentCondition | undefined, now: number, moved: boolean): V1DeploymentCondition {
  const at = formatTime(now);
  const same = standing?.status === verdict.status && standing.reason === verdict.reason && standing.message === verdict.message;
  const alive = moved && verdict.reason === 'ReplicaSetUpdated';
  return {
    type: verdict.type,
    status: verdict.status,
    lastUpdateTime: same && !alive ? standing.lastUpdateTime ?? at : at,
    lastTransitionTime: standing?.status === verdict.status ? standing.lastTransitionTime ?? at : at,
    reason: verdict.reason,
    message: verdict.message,
  };
}
