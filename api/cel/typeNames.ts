import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, opaque, optionalOf, STRING, TIMESTAMP, typeOfType, UINT } from './celType.ts';
import type { CelType } from './types.ts';

/** Of the libraries' own types only these are declared under their names. */
const LIBRARY_TYPES = ['net.IP', 'net.CIDR'];

/** Types by the names by which an expression can call them, as in `type(x) == int`. */
export const TYPE_NAMES: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  bytes: BYTES,
  double: DOUBLE,
  int: INT,
  uint: UINT,
  string: STRING,
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
  null_type: NULL,
  type: typeOfType(),
  optional_type: optionalOf(DYN),
  'google.protobuf.Timestamp': TIMESTAMP,
  'google.protobuf.Duration': DURATION,
  ...Object.fromEntries(LIBRARY_TYPES.map((name) => [name, opaque(name)])),
};
