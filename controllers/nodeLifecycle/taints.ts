import type { V1Node, V1Taint } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';

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

/** What may be done to a node that is not ready: put the taint on it that evicts its pods, wait with that, or take it away again. */
export type Eviction = 'allowed' | 'held' | 'withdrawn';

/** The NoExecute taint that the node's condition calls for; undefined when it is ready, or has never said anything. */
function evictionTaint(node: V1Node): string | undefined {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.status === 'True') return undefined;
  return ready.status === 'False' ? NOT_READY_TAINT : UNREACHABLE_TAINT;
}

const isEvicting = ({ key, effect }: V1Taint): boolean => effect === 'NoExecute' && (key === NOT_READY_TAINT || key === UNREACHABLE_TAINT);

/** Whether the node is yet to be given up: it is not ready, and its pods may still stay. */
export function awaitsEviction(node: V1Node): boolean {
  return evictionTaint(node) !== undefined && !(node.spec?.taints ?? []).some(isEvicting);
}

/** The taints a node should have: those of its conditions, and whatever others it carries. Undefined when they are right already. `now` is wall-clock milliseconds. */
export function wantedTaints(node: V1Node, now: number, eviction: Eviction): V1Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  const conditions = node.status?.conditions ?? [];
  const keys = BY_CONDITION.filter(([type, status]) => conditions.some((condition) => condition.type === type && condition.status === status)).map(([, , key]) => key);
  if (node.spec?.unschedulable) keys.push(UNSCHEDULABLE_TAINT);
  // Of a node that was given up already, the reason is brought up to date at once.
  const mayEvict = eviction === 'allowed' || (eviction === 'held' && present.some(isEvicting));
  const evicting = mayEvict ? evictionTaint(node) : undefined;

  const kept = present.filter((taint) => !isOurs(taint) || (taint.effect === 'NoSchedule' ? keys.includes(taint.key) : taint.key === evicting));
  const timeAdded = formatTime(now);
  const missing: V1Taint[] = keys.filter((key) => !kept.some((taint) => taint.key === key && taint.effect === 'NoSchedule')).map((key) => ({ key, effect: 'NoSchedule', timeAdded }));
  if (evicting !== undefined && !kept.some((taint) => taint.key === evicting && taint.effect === 'NoExecute')) missing.push({ key: evicting, effect: 'NoExecute', timeAdded });
  return missing.length === 0 && kept.length === present.length ? undefined : [...kept, ...missing];
}

function isOurs(taint: V1Taint): boolean {
  return taint.effect === 'NoSchedule' ? MANAGED.has(taint.key) : isEvicting(taint);
}
