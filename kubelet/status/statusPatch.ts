import type { V1PodStatus } from '../../api/generated/types.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { isOwnCondition } from './podConditions.ts';

/** Only the kubelet writes these; what is not in its status is to go. */
const FIELDS = [
  'containerStatuses', 'ephemeralContainerStatuses', 'hostIP', 'hostIPs', 'initContainerStatuses', 'message', 'observedGeneration', 'phase', 'podIP', 'podIPs', 'qosClass', 'reason', 'startTime',
] as const;

/**
 * The strategic merge patch of `pods/status` which makes the status in the API the wanted one; undefined where nothing differs.
 * Conditions of others are left alone.
 */
export function statusPatch(uid: string, current: V1PodStatus | undefined, wanted: V1PodStatus): { readonly metadata: { readonly uid: string }; readonly status: Readonly<Record<string, unknown>> } | undefined {
  const status: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (semanticEqual(current?.[field], wanted[field])) continue;
    // A list that is merged by its `ip` would keep the old ones.
    if (field === 'podIPs' && (current?.podIPs ?? []).length > 0) status[field] = [...(wanted.podIPs ?? []), { $patch: 'replace' }];
    else status[field] = wanted[field] ?? null;
  }
  const conditions = (wanted.conditions ?? []).filter((condition) => {
    if (!isOwnCondition(condition)) return false;
    return !semanticEqual(current?.conditions?.find(({ type }) => type === condition.type), condition);
  });
  if (conditions.length > 0) {
    // A reason or message that the new verdict does not have is to go with the old one.
    status['conditions'] = conditions.map((condition) => ({ message: null, reason: null, ...condition }));
  }
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}
