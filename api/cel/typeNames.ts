import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, opaque, optionalOf, STRING, TIMESTAMP, typeOfType, UINT } from './celType.ts';
import type { CelType } from './types.ts';

const LIBRARY_TYPES = ['kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.Semver', 'kubernetes.NamedFormat', 'net.IP', 'net.CIDR', 'kubernetes.authorization.Authorizer', 'kubernetes.authorization.PathCheck', 'kubernetes.authorization.GroupCheck', 'kubernetes.authorization.ResourceCheck', 'kubernetes.authorization.Decision'];

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
