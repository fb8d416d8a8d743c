import type { V1DaemonSet, V1DaemonSetStatus, V1Node, V1Pod } from '../../api/generated/types.ts';
import { scaledValue } from '../../api/values/intOrString.ts';
import { isAvailable, isReady } from '../podConditions.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';
import { placement, targetNode } from './daemonPod.ts';

export type DaemonAction =
  | { readonly kind: 'create'; readonly node: string }
  /** `ended`: the pod ended by itself; it is replaced, and an event tells. */
  | { readonly kind: 'delete'; readonly pod: V1Pod; readonly ended?: 'Failed' | 'Succeeded' };

const isTerminating = (pod: V1Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isCurrent = (pod: V1Pod, revision: string): boolean => pod.metadata.labels?.[REVISION_HASH_LABEL] === revision;

/** The daemons by the node that each is for; those for nodes that are gone stand under their name too. */
export function byNode(owned: readonly V1Pod[]): Map<string, V1Pod[]> {
  const nodes = new Map<string, V1Pod[]>();
  for (const pod of owned) {
    const node = targetNode(pod);
    if (node !== undefined) nodes.set(node, [...(nodes.get(node) ?? []), pod]);
  }
  return nodes;
}

/** One daemon on each node that should have one; ended ones are replaced, surplus ones removed, then the update goes on. `revision`: the present template's. */
export function decideDaemonSet(set: V1DaemonSet, nodes: readonly V1Node[], owned: readonly V1Pod[], revision: string, now: number): readonly DaemonAction[] {
  if (set.metadata.deletionTimestamp !== undefined) return [];
  const daemons = byNode(owned);
  const actions: DaemonAction[] = [];
  for (const node of nodes) actions.push(...onNode(set, node, daemons.get(node.metadata.name) ?? [], revision, now));
  if (actions.length > 0) return actions;
  return (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate' ? updateStep(set, nodes, daemons, revision, now) : [];
}

function onNode(set: V1DaemonSet, node: V1Node, pods: readonly V1Pod[], revision: string, now: number): DaemonAction[] {
  const { shouldRun, shouldContinue } = placement(set, node);
  const live = pods.filter((pod) => !isTerminating(pod));
  if (!shouldContinue) return live.map((pod) => ({ kind: 'delete', pod }));
  if (live.length === 0) return shouldRun && pods.length === 0 ? [{ kind: 'create', node: node.metadata.name }] : [];
  const ended = live.filter((pod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded');
  const running = live.filter((pod) => !ended.includes(pod));
  const actions: DaemonAction[] = ended.map((pod) => ({ kind: 'delete', pod, ended: pod.status?.phase === 'Failed' ? 'Failed' : 'Succeeded' }));
  if (running.length <= 1) return actions;
  // While a new daemon surges beside an old one, both stay until the new one serves.
  const surging = maxSurge(set, 1) > 0 && running.some((pod) => isCurrent(pod, revision) && !isAvailable(pod, set.spec?.minReadySeconds ?? 0, now));
  if (surging && running.length === 2) return actions;
  const oldestFirst = [...running].sort((left, right) => Number(isCurrent(right, revision)) - Number(isCurrent(left, revision)) || left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp));
  return [...actions, ...oldestFirst.slice(1).map((pod): DaemonAction => ({ kind: 'delete', pod }))];
}

function maxSurge(set: V1DaemonSet, desired: number): number {
  return scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0, desired, true) ?? 0;
}

function updateStep(set: V1DaemonSet, nodes: readonly V1Node[], daemons: ReadonlyMap<string, readonly V1Pod[]>, revision: string, now: number): DaemonAction[] {
  const wanted = nodes.filter((node) => placement(set, node).shouldRun);
  const minReady = set.spec?.minReadySeconds ?? 0;
  const surge = maxSurge(set, wanted.length);
  const limit = surge > 0 ? 0 : Math.max(1, scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.length, true) ?? 1);
  const serves = (pod: V1Pod): boolean => !isTerminating(pod) && isAvailable(pod, minReady, now);
  let unavailable = 0;
  let surging = 0;
  const oldServing: { node: string; pod: V1Pod }[] = [];
  const actions: DaemonAction[] = [];
  for (const node of wanted) {
    const pods = daemons.get(node.metadata.name) ?? [];
    const old = pods.find((pod) => !isCurrent(pod, revision) && !isTerminating(pod));
    const fresh = pods.find((pod) => isCurrent(pod, revision) && !isTerminating(pod));
    if (!pods.some(serves)) unavailable += 1;
    if (old && fresh) {
      if (serves(fresh)) actions.push({ kind: 'delete', pod: old });
      else surging += 1;
    } else if (old && surge === 0 && !serves(old)) actions.push({ kind: 'delete', pod: old });
    else if (old) oldServing.push({ node: node.metadata.name, pod: old });
  }
  if (surge > 0) return [...actions, ...oldServing.slice(0, Math.max(0, surge - surging)).map(({ node }): DaemonAction => ({ kind: 'create', node }))];
  return [...actions, ...oldServing.slice(0, Math.max(0, limit - unavailable)).map(({ pod }): DaemonAction => ({ kind: 'delete', pod }))];
}

export function daemonSetStatus(set: V1DaemonSet, nodes: readonly V1Node[], owned: readonly V1Pod[], revision: string, now: number): V1DaemonSetStatus {
  const daemons = byNode(owned);
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const { shouldRun } = placement(set, node);
    const pods = daemons.get(node.metadata.name) ?? [];
    if (!shouldRun) {
      if (pods.length > 0) counts.misscheduled += 1;
      continue;
    }
    counts.desired += 1;
    if (pods.length === 0) continue;
    counts.current += 1;
    const pod = [...pods].sort((left, right) => Number(isReady(right)) - Number(isReady(left)) || left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp))[0]!;
    if (isReady(pod)) counts.ready += 1;
    if (isAvailable(pod, set.spec?.minReadySeconds ?? 0, now)) counts.available += 1;
    if (pods.some((each) => isCurrent(each, revision))) counts.updated += 1;
  }
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...(counts.updated > 0 ? { updatedNumberScheduled: counts.updated } : {}),
    ...(counts.available > 0 ? { numberAvailable: counts.available } : {}),
    ...(counts.desired > counts.available ? { numberUnavailable: counts.desired - counts.available } : {}),
    ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
  };
}
