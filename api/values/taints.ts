import type { V1Taint, V1Toleration } from '../generated/types.ts';

/** Whether a toleration lets its pod bear a taint (`Toleration.ToleratesTaint`). */
export function tolerates(toleration: V1Toleration, taint: V1Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

/** The first taint of one of the effects that nothing tolerates; undefined when the pod may be there. */
export function untoleratedTaint(taints: readonly V1Taint[] | undefined, tolerations: readonly V1Toleration[] | undefined, effects: readonly string[]): V1Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations?.some((each) => tolerates(each, taint)));
}

/** Two taints are the same when key and effect are (`Taint.MatchTaint`). */
export const isSameTaint = (a: V1Taint, b: V1Taint): boolean => a.key === b.key && a.effect === b.effect;

/** `key=value:Effect`, as messages name a taint. */
export function formatTaint(taint: V1Taint): string {
  const effect = taint.effect ? `:${taint.effect}` : '';
  return taint.value ? `${taint.key}=${taint.value}${effect}` : `${taint.key}${effect}`;
}
