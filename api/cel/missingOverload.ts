import { CelError, NO_SUCH_OVERLOAD } from './values/celError.ts';
import { CelList } from './values/list.ts';
import { typeNameOf } from './values/typeNameOf.ts';
import type { CelValue } from './values/value.ts';

const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
/** Types of which cel-go asks the value itself what it can do. */
const ASKED = ['string', ...TIMES];
const COMPARED = ['bool', 'bytes', 'double', 'int', 'uint', ...ASKED];
/** Types whose values know of an operation, though not with every other value. */
const CAPABLE: Readonly<Record<string, readonly string[]>> = {
  '_+_': ['bytes', 'double', 'int', 'list', 'uint', ...ASKED],
  '_-_': ['double', 'int', 'uint', ...ASKED],
  '_*_': ['double', 'int', 'uint', ...ASKED],
  '_/_': ['double', 'int', 'uint', ...ASKED],
  '_%_': ['int', 'uint', ...ASKED],
  '-_': ['bool', 'double', 'int', ...ASKED],
  '_<_': COMPARED,
  '_<=_': COMPARED,
  '_>_': COMPARED,
  '_>=_': COMPARED,
  size: ASKED,
  sort: ASKED,
};
/** Functions of which every value is asked. */
const ALWAYS_ASKED = new Set(['contains', 'startsWith', 'endsWith', 'matches']);
const OF_LISTS = new Set(['sum', 'min', 'max', 'isSorted']);

/** An operator has no form for a value: it is named where no value of that type has one. */
export const missingOperator = (name: string, value: CelValue): CelError => (CAPABLE[name]!.includes(typeNameOf(value)) ? NO_SUCH_OVERLOAD : new CelError(`no such overload: ${name}`));

/** A function has no form for these values. */
export function missingOverload(name: string, args: readonly CelValue[]): CelError {
  if (Object.hasOwn(CAPABLE, name)) return missingOperator(name, args[0]!);
  if (ALWAYS_ASKED.has(name) || (OF_LISTS.has(name) && args[0] instanceof CelList)) return NO_SUCH_OVERLOAD;
  return new CelError(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`);
}
