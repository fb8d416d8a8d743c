import { setField } from './ownField.ts';

/** A copy of a JSON value that shares nothing with it. Faster than `structuredClone`, and keeps to plain data. */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const copied = copy((value as Record<string, unknown>)[key]);
    setField(result, key, copied);
  }
  return result;
}
