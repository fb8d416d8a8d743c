import { deepCopy } from '../../api/values/deepCopy.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { ownField, setField } from '../../api/values/ownField.ts';
import { withoutNulls } from './withoutNulls.ts';

/**
 * Applies an RFC 7386 merge patch: null removes, objects merge, everything else replaces. Neither argument is changed.
 * As in the library that Kubernetes takes, what comes where no object was bears no nulls in its objects, those in lists included.
 */
export function applyMergePatch(current: unknown, patch: unknown): unknown {
  if (!isRecord(current)) return withoutNulls(patch);
  if (!isRecord(patch)) return deepCopy(patch);
  const merged: Record<string, unknown> = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else setField(merged, key, applyMergePatch(ownField(merged, key), value));
  }
  return merged;
}
