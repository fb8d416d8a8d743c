import { ownField } from './ownField.ts';

/** Whether two JSON values are the same; a property that is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  return compare(a, b, false);
}

/** As `deepEqual`, but an absent list or map is the same as an empty one (`equality.Semantic.DeepEqual`). */
export function semanticEqual(a: unknown, b: unknown): boolean {
  return compare(a, b, true);
}

function compare(a: unknown, b: unknown, emptyIsAbsent: boolean): boolean {
  if (a === b) return true;
  if (emptyIsAbsent && isNothing(a) && isNothing(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!compare(a[index], b[index], emptyIsAbsent)) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const first = a as Record<string, unknown>;
  const second = b as Record<string, unknown>;
  for (const key in first) if (!compare(first[key], ownField(second, key), emptyIsAbsent)) return false;
  for (const key in second) if (ownField(first, key) === undefined && !compare(undefined, second[key], emptyIsAbsent)) return false;
  return true;
}

/** Absent, null, `[]` or `{}`. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const key in value) if ((value as Record<string, unknown>)[key] !== undefined) return false;
  return true;
}
