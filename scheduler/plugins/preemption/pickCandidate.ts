import type { PodInfo } from '../../cache/podInfo.ts';

/** A node on which there would be room without some pods. */
export interface Candidate {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a PodDisruptionBudget protects. */
  readonly violations: number;
}

/** Of higher priority, or of the same and running for longer. */
export function isMoreImportant(left: PodInfo, right: PodInfo): boolean {
  return left.priority === right.priority ? startTime(left) < startTime(right) : left.priority > right.priority;
}

function startTime({ pod }: PodInfo): string {
  return pod.status?.startTime ?? '9999';
}

/** Priorities may be negative; shifted so that fewer victims always sum up to less. */
const PRIORITY_SHIFT = 2 ** 31;

/**
 * The candidate that does the least harm, by Kubernetes' criteria in turn: fewest budgets broken, least important of the most
 * important victims, smallest sum of priorities, fewest victims, latest start of the most important victims.
 */
export function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  const criteria: ReadonlyArray<(candidate: Candidate) => number | string> = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]?.priority ?? -Infinity,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_SHIFT, 0),
    ({ victims }) => victims.length,
  ];
  let best = candidates;
  for (const criterion of criteria) {
    if (best.length <= 1) return best[0];
    const least = best.map(criterion).reduce((low, value) => (value < low ? value : low));
    best = best.filter((candidate) => criterion(candidate) === least);
  }
  return best.reduce<Candidate | undefined>((latest, candidate) => (latest === undefined || earliestOfTop(candidate) > earliestOfTop(latest) ? candidate : latest), undefined);
}

function earliestOfTop({ victims }: Candidate): string {
  const top = victims.filter(({ priority }) => priority === victims[0]?.priority).map(startTime);
  return top.reduce((earliest, time) => (time < earliest ? time : earliest), '9999');
}
