import { typeNameOf } from './typeNameOf.ts';
import type { CelValue } from './value.ts';

const GO_TYPES: Readonly<Record<string, string>> = {
  bool: 'types.Bool', int: 'types.Int', uint: 'types.Uint', double: 'types.Double', string: 'types.String', bytes: 'types.Bytes', null_type: 'types.Null', type: '*types.Type', optional_type: '*types.Optional',
  'google.protobuf.Timestamp': 'types.Timestamp', 'google.protobuf.Duration': 'types.Duration',
};

/** The Go type of a value's kind, by which some of cel-go's messages call it. */
export function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value);
  return GO_TYPES[name] ?? `cel.${name.slice(name.lastIndexOf('.') + 1)}`;
}
