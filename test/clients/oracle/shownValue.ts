import type { OpaqueValue } from '../../../api/cel/values/opaque.ts';
import { CelError } from '../../../api/cel/values/celError.ts';
import { CelList } from '../../../api/cel/values/list.ts';
import { CelMap } from '../../../api/cel/values/map.ts';
import { Bytes, Double, Duration, Optional, Timestamp, TypeValue, Uint } from '../../../api/cel/values/scalars.ts';
import { formatTimestamp } from '../../../api/cel/values/time.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';

/** A value with its type, as `../go/oracle/cel.go` shows it. */
export function shownValue(value: CelValue): unknown[] {
  if (value === null) return ['null'];
  if (typeof value === 'boolean') return ['bool', value];
  if (typeof value === 'string') return ['string', value];
  if (typeof value === 'number' || typeof value === 'bigint') return ['int', String(value)];
  if (value instanceof Uint) return ['uint', String(value.value)];
  if (value instanceof Double) return ['double', bitsOf(value.value)];
  if (value instanceof Bytes) return ['bytes', Buffer.from(value.value).toString('base64')];
  if (value instanceof Timestamp) return ['timestamp', formatTimestamp(value)];
  if (value instanceof Duration) return ['duration', String(value.nanos)];
  if (value instanceof Optional) return value.value === undefined ? ['none'] : ['optional', shownValue(value.value)];
  if (value instanceof CelError) return ['error', value.message];
  if (value instanceof TypeValue) return ['type', value.name];
  if (value instanceof CelList) return ['list', ...value.toArray().map(shownValue)];
  if (value instanceof CelMap) return ['map', entriesOf(value)];
  return shownOpaque(value);
}

/** Values of libraries' own types by how an expression would show them, which is compared with other expressions. */
const shownOpaque = (value: OpaqueValue): unknown[] => [value.typeName];

const entriesOf = (map: CelMap): Record<string, unknown> => Object.fromEntries([...map.keys()].map((key) => [JSON.stringify(shownValue(key)), shownValue(map.get(key)!)]));

function bitsOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return bits.toString('hex');
}
