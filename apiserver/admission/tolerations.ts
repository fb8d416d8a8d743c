import type { V1Toleration } from '../../api/generated/types.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';

/** Both lists in one; what another one covers is left out (`tolerations.MergeTolerations`). */
export function mergeTolerations(first: readonly V1Toleration[], second: readonly V1Toleration[]): V1Toleration[] {
  const all = [...first, ...second];
  const merged: V1Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    if (merged.some((other) => covers(other, toleration))) continue;
    if (all.slice(index + 1).some((other) => !semanticEqual(other, toleration) && covers(other, toleration))) continue;
    merged.push(toleration);
  }
  return merged;
}

/** Whether the first tolerates everything that the second does. */
export function covers(wide: V1Toleration, narrow: V1Toleration): boolean {
  if (semanticEqual(wide, narrow)) return true;
  const isOfKey = (narrow.key ?? '') === (wide.key ?? '') || (!wide.key && wide.operator === 'Exists');
  if (!isOfKey || (wide.effect && narrow.effect !== wide.effect)) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined && (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds)) return false;
  if (wide.operator === 'Exists') return true;
  return (wide.operator ?? 'Equal') === 'Equal' && (narrow.operator ?? 'Equal') === 'Equal' && (narrow.value ?? '') === (wide.value ?? '');
}

/** Whether every toleration is covered by one of the allowed ones; an empty list allows everything. */
export const areAllowed = (tolerations: readonly V1Toleration[], allowed: readonly V1Toleration[]): boolean => allowed.length === 0 || tolerations.every((each) => allowed.some((wide) => covers(wide, each)));
