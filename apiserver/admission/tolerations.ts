import type { V1Toleration } from '../../api/generated/types.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';

/** Both lists in one; what another one covers is left out (`tolerations.MergeTolerations`). A client decides how many there are: each is compared only with those that could cover it. */
export function mergeTolerations(first: readonly V1Toleration[], second: readonly V1Toleration[]): V1Toleration[] {
  const all = [...first, ...second];
  const kept = new Map<string, V1Toleration[]>();
  const later = Map.groupBy(all.keys(), (index) => sortOf(all[index]!));
  return all.filter((toleration, index) => {
    const sorts = coveringSorts(toleration);
    if (sorts.some((sort) => kept.get(sort)?.some((other) => covers(other, toleration)))) return false;
    const isCovered = (other: number): boolean => other > index && !semanticEqual(all[other], toleration) && covers(all[other]!, toleration);
    if (sorts.some((sort) => later.get(sort)?.findLast(isCovered) !== undefined)) return false;
    const own = sortOf(toleration);
    const same = kept.get(own);
    if (same) same.push(toleration);
    else kept.set(own, [toleration]);
    return true;
  });
}

const nameOf = (key: string, operator: string, value: string, effect: string): string => JSON.stringify([key, operator, value, effect]);

/** Those of one sort differ in their seconds alone. */
function sortOf({ key = '', operator = '', value = '', effect = '' }: V1Toleration): string {
  return operator === 'Exists' ? nameOf(key, operator, '', effect) : nameOf(key, operator || 'Equal', value, effect);
}

/** Of which sorts one must be that covers this. */
function coveringSorts({ key = '', operator = '', value = '', effect = '' }: V1Toleration): readonly string[] {
  const effects = effect === '' ? [''] : [effect, ''];
  const keys = key === '' ? [''] : [key, ''];
  const own = effects.map((each) => nameOf(key, operator || 'Equal', value, each));
  return [...own, ...effects.flatMap((each) => keys.map((name) => nameOf(name, 'Exists', '', each)))];
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
