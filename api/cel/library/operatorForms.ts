import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { sizeOf } from '../values/size.ts';
import type { CelValue } from '../values/value.ts';

const NUMBERS = ['int', 'uint', 'double'] as const;
const GO_NAMES: Readonly<Record<string, string>> = { int: 'int64', uint: 'uint64' };
const goName = (type: string): string => GO_NAMES[type] ?? type;

const arithmetic = (name: string, word: string, types: readonly string[]): Overload[] => types.map((type) => global(name, `(${type}, ${type}) -> ${type}`, `${word}_${goName(type)}`));

const orders = (name: string, word: string): Overload[] => [
  ...['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'].map((type) => global(name, `(${type}, ${type}) -> bool`, `${word}_${goName(type)}`)),
  ...NUMBERS.flatMap((a) => NUMBERS.filter((b) => a !== b).map((b) => global(name, `(${a}, ${b}) -> bool`, `${word}_${goName(a)}_${goName(b)}`))),
];

/** Operators, for the checker; what they do is in `operators.ts`, by the values that they meet. */
export const OPERATORS: readonly Overload[] = [
  global('_&&_', '(bool, bool) -> bool', 'logical_and'),
  global('_||_', '(bool, bool) -> bool', 'logical_or'),
  global('!_', '(bool) -> bool', 'logical_not'),
  global('_?_:_', '(bool, A, A) -> A', 'conditional'),
  global('_==_', '(A, A) -> bool', 'equals'),
  global('_!=_', '(A, A) -> bool', 'not_equals'),
  ...orders('_<_', 'less'),
  ...orders('_<=_', 'less_equals'),
  ...orders('_>_', 'greater'),
  ...orders('_>=_', 'greater_equals'),
  ...arithmetic('_+_', 'add', [...NUMBERS, 'string', 'bytes']),
  global('_+_', '(list(A), list(A)) -> list(A)', 'add_list'),
  global('_+_', '(duration, duration) -> duration', 'add_duration_duration'),
  global('_+_', '(timestamp, duration) -> timestamp', 'add_timestamp_duration'),
  global('_+_', '(duration, timestamp) -> timestamp', 'add_duration_timestamp'),
  ...arithmetic('_-_', 'subtract', NUMBERS),
  global('_-_', '(duration, duration) -> duration', 'subtract_duration_duration'),
  global('_-_', '(timestamp, timestamp) -> duration', 'subtract_timestamp_timestamp'),
  global('_-_', '(timestamp, duration) -> timestamp', 'subtract_timestamp_duration'),
  ...arithmetic('_*_', 'multiply', NUMBERS),
  ...arithmetic('_/_', 'divide', NUMBERS),
  ...arithmetic('_%_', 'modulo', ['int', 'uint']),
  global('-_', '(double) -> double', 'negate_double'),
  global('-_', '(int) -> int', 'negate_int64'),
  global('@in', '(A, list(A)) -> bool', 'in_list'),
  global('@in', '(A, map(A, B)) -> bool', 'in_map'),
  global('_[_]', '(list(A), int) -> A', 'index_list'),
  global('_[_]', '(map(A, B), A) -> B', 'index_map'),
  global('_[_]', '(optional(list(A)), int) -> optional(A)', 'optional_list_index_int'),
  global('_[_]', '(optional(map(A, B)), A) -> optional(B)', 'optional_map_index_value'),
  global('_[?_]', '(list(A), int) -> optional(A)', 'list_optindex_optional_int'),
  global('_[?_]', '(map(A, B), A) -> optional(B)', 'map_optindex_optional_value'),
  global('_[?_]', '(optional(list(A)), int) -> optional(A)', 'optional_list_optindex_optional_int'),
  global('_[?_]', '(optional(map(A, B)), A) -> optional(B)', 'optional_map_optindex_optional_value'),
  ...['string', 'bytes', 'list(A)', 'map(A, B)'].flatMap((type) => {
    const id = type.replace(/\(.*/, '');
    const size = (value: CelValue): CelValue => sizeOf(value);
    return [global('size', `(${type}) -> int`, `size_${id}`, size), member(type, 'size', '() -> int', `${id}_size`, size)];
  }),
];
