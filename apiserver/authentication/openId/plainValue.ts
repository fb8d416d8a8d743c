import { CelList } from '../../../api/cel/values/list.ts';
import { Double } from '../../../api/cel/values/scalars.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';

/** What an expression gave as plain data; values that JSON has not stay as they are. */
export function toPlain(value: CelValue): unknown {
  if (value instanceof CelList) return value.toArray().map(toPlain);
  return value instanceof Double ? value.value : value;
}
