import type { V1Node, V1Taint } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { readyStatus } from './health.ts';

export const NOT_READY_TAINT = 'node.kubernetes.io/not-ready';
export const UNREACHABLE_TAINT = 'node.kubernetes.io/unreachable';

/** Which condition, at which status, puts which NoSchedule taint on a node (Kubernetes' nodeConditionToTaintKeyStatusMap). */
const BY_CONDITION: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY_TAINT],
  ['Ready', 'Unknown', UNREACHABLE_TAINT],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const UNSCHEDULABLE_TAINT = 'node.kubernetes.io/unschedulable';
const MANAGED = new Set([...BY_CONDITION.map(([, , key]) => key), UNSCHEDULABLE_TAINT]);

/** The taints a node should have: those of its conditions, and whatever others it carries. Undefined when they are right already. */
export function wantedTaints(node: V1Node, now: number): V1Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  const conditions = node.status?.conditions ?? [];
  const keys = BY_CONDITION.filter(([type, status]) => conditions.some((condition) => condition.type === type && condition.status === status)).map(([, , key]) => key);
  if (node.spec?.unschedulable) keys.push(UNSCHEDULABLE_TAINT);
  const ready = readyStatus(node);
  const evicting = conditions.length === 0 || ready === 'True' ? undefined : ready === 'False' ? NOT_READY_TAINT : UNREACHABLE_TAINT;

  const kept = present.filter((taint) => !isOurs(taint) || (taint.effect === 'NoSchedule' ? keys.includes(taint.key) : taint.key === evicting));
  const missing: V1Taint[] = keys.filter((key) => !kept.some((taint) => taint.key === key && taint.effect === 'NoSchedule')).map((key) => ({ key, effect: 'NoSchedule' }));
  if (evicting !== undefined && !kept.some((taint) => taint.key === evicting && taint.effect === 'NoExecute')) missing.push({ key: evicting, effect: 'NoExecute', timeAdded: formatTime(now) });
  return missing.length === 0 && kept.length === present.length ? undefined : [...kept, ...missing];
}

function isOurs(taint: V1Taint): boolean {
  return taint.effect === 'NoSchedule' ? MANAGED.has(taint.key) : taint.effect === 'NoExecute' && (taint.key === NOT_READY_TAINT || taint.key === UNREACHABLE_TAINT);
}
