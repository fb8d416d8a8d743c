import { CelError } from './celError.ts';
import { CelList } from './list.ts';
import { CelMap } from './map.ts';
import { OpaqueValue } from './opaque.ts';
import { Bytes, Double, Duration, Optional, Timestamp, TypeValue, Uint } from './scalars.ts';
import type { CelValue } from './value.ts';

/** The name of a value's type at run time. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Double) return 'double';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Bytes) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Optional) return 'optional_type';
  return value instanceof OpaqueValue ? value.typeName : value instanceof CelError ? 'error' : 'unknown';
}
