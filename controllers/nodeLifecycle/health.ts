import type { V1Lease, V1Node, V1NodeCondition } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';

/** What was seen of a node's reports, on the observer's own monotonic clock: never the stamps inside, whose clock may be wrong. */
export interface NodeReports {
  /** Of the Lease and of the status heartbeat; a change of either is a sign of life. */
  readonly signature: string;
  /** When the signature was first seen, in milliseconds of the observed time. */
  readonly changedAt: number;
}

/** What the kubelet renews. */
export function reportSignature(node: V1Node, lease: V1Lease | undefined): string {
  const heartbeat = node.status?.conditions?.find((condition) => condition.type === 'Ready')?.lastHeartbeatTime ?? '';
  return `${lease?.spec?.renewTime ?? ''} ${heartbeat}`;
}

export function observe(previous: NodeReports | undefined, signature: string, now: number): NodeReports {
  return previous?.signature === signature ? previous : { signature, changedAt: now };
}

const WATCHED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/**
 * The node's conditions after it has been silent for too long: all that only the kubelet can know become Unknown. Undefined when they
 * need no change. `now` is wall-clock milliseconds, for the stamps.
 */
export function silentConditions(node: V1Node, now: number): V1NodeCondition[] | undefined {
  const present = node.status?.conditions ?? [];
  const at = formatTime(now);
  const unknown = WATCHED.map((type): V1NodeCondition => {
    const standing = present.find((condition) => condition.type === type);
    if (standing === undefined) return { type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: node.metadata.creationTimestamp, lastTransitionTime: at };
    if (standing.status === 'Unknown') return standing;
    return { ...standing, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: at };
  });
  const changed = unknown.some((condition) => present.find((each) => each.type === condition.type) !== condition);
  return changed ? [...present.filter((condition) => !WATCHED.some((type) => type === condition.type)), ...unknown] : undefined;
}

export const readyStatus = (node: V1Node): string => node.status?.conditions?.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown';
