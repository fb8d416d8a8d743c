import { deepCopy } from '../../api/values/deepCopy.ts';
import { isRecord } from '../codec/plainObject.ts';

/** Applies an RFC 7386 merge patch: null removes, objects merge, everything else replaces. Neither argument is changed. */
export function applyMergePatch(current: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return deepCopy(patch);
  const merged: Record<string, unknown> = isRecord(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else Object.defineProperty(merged, key, { value: applyMergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value), enumerable: true, configurable: true, writable: true });
  }
  return merged;
}

