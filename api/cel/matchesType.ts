import type { CelType } from './types.ts';
import { CelList } from './values/list.ts';
import { CelMap } from './values/map.ts';
import { OpaqueValue } from './values/opaque.ts';
import { Bytes, Double, Duration, Optional, Timestamp, TypeValue, Uint } from './values/scalars.ts';
import type { CelValue } from './values/value.ts';

/** Whether a value is of a type at run time. What a list or a map holds is looked at only in its first element: all of them would not be free. */
export function matchesType(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'parameter':
      return true;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
      return typeof value === 'string';
    case 'null':
      return value === null;
    case 'uint':
      return value instanceof Uint;
    case 'double':
      return value instanceof Double;
    case 'bytes':
      return value instanceof Bytes;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof CelList && (value.size === 0 || matchesType(type.element, value.at(0)));
    case 'map':
    case 'object':
      return value instanceof CelMap || (type.kind === 'object' && value instanceof OpaqueValue);
    case 'type':
      return value instanceof TypeValue;
    default:
      return type.name === 'optional_type' ? value instanceof Optional : value instanceof OpaqueValue && value.typeName === type.name;
  }
}

/** Whether all of a list's elements are of its type, which `matchesType` leaves to those who pay for it. */
export function elementsMatch(type: CelType, value: CelValue): boolean {
  if (type.kind !== 'list' || !(value instanceof CelList)) return true;
  const { element } = type;
  if (element.kind === 'dyn' || element.kind === 'parameter') return true;
  for (let index = 0; index < value.size; index += 1) if (!matchesType(element, value.at(index))) return false;
  return true;
}
