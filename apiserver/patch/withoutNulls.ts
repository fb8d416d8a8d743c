import { isRecord } from '../../api/values/isRecord.ts';
import { setField } from '../../api/values/ownField.ts';

/** A copy whose objects have no fields that are null; items of lists may be. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) if (each !== null) setField(kept, key, withoutNulls(each));
  return kept;
}
