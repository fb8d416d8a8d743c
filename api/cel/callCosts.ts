import type { Overload } from './overload.ts';
import { CelList } from './values/list.ts';
import { Bytes } from './values/scalars.ts';
import { roughSize, traversalCost } from './values/size.ts';
import type { CelValue } from './values/value.ts';

/** What a call costs: before it is made by its arguments, and after it by its result. */
export interface CallCost {
  readonly before: (args: readonly CelValue[]) => number;
  readonly after?: (result: CelValue) => number;
}

/** Units for each character that is looked at, and for each of a regular expression. */
export const PER_CHARACTER = 0.1;
export const PER_PATTERN_CHARACTER = 0.25;
/** Two checks are all that one expression can pay for. */
export const CHECK_COST = 350_000;
/** The size of the largest pattern that a named format is taken for (upstream's `MaxNameFormatRegexSize`). */
export const FORMAT_PATTERN = 128;

const ONE: CallCost = { before: () => 1 };
const size = (args: readonly CelValue[], index: number): number => roughSize(args[index]);
const traversal = (factor: number): CallCost => ({ before: (args) => Math.ceil(size(args, 0) * factor * PER_CHARACTER) });
/** Searching a long text for a long one can take longer than looking at each once. */
const search = (args: readonly CelValue[]): number => Math.floor((size(args, 0) * size(args, 1)) / 100_000);
/** Characters of a text that is made for which upstream charges nothing, and which are soon made. */
const FREE = 10_000;
const made = (result: CelValue): number => Math.floor(Math.max(0, roughSize(result) - FREE) * PER_CHARACTER);
const pattern = (args: readonly CelValue[]): number => Math.ceil((1 + size(args, 0)) * PER_CHARACTER) * Math.ceil(size(args, 1) * PER_PATTERN_CHARACTER);
/** Looking at all that a list holds; short texts cost nothing upstream, but very many of them do. */
const whole = (value: CelValue): number => traversalCost(value) + (value instanceof CelList ? Math.floor(value.size / 100) : 0);
const overList: CallCost = { before: ([list]) => whole(list!) };
/** A selector is made of requirements, each of at least two characters; a requirement is a struct with a list. */
const selector = (args: readonly CelValue[]): number => 10 + Math.ceil(size(args, 1) / 2) * 50 + Math.ceil(size(args, 1) * PER_CHARACTER);
const newList = (factor: number, elements: number): number => Math.floor(elements * factor) + 11;
const product = (factor: number): CallCost => ({ before: (args) => 1 + factor * size(args, 0) * size(args, 1) });

/** Bytes of a network's prefix are compared, and masked first where networks are compared. */
const network = (isCidr: boolean): CallCost => ({
  before: (args) => Math.ceil(2 * size(args, 0) * PER_CHARACTER) + (isCidr ? Math.ceil(size(args, 0) * PER_CHARACTER) + 1 : 0) + (typeof args[1] === 'string' ? Math.ceil(size(args, 1) * PER_CHARACTER) : 0),
});

/** By the function's name, as upstream's `CallCost` and cel-go's cost tracker; what is in neither costs 1. Where ours looks at more than upstream charges, that is added. */
const COSTS: Readonly<Record<string, CallCost>> = {
  check: { before: () => CHECK_COST },
  fieldSelector: { before: selector },
  labelSelector: { before: selector },
  isSorted: overList,
  sum: overList,
  min: overList,
  max: overList,
  indexOf: { before: (args) => whole(args[0]!) + (typeof args[0] === 'string' ? search(args) : 0) },
  lastIndexOf: { before: (args) => whole(args[0]!) + (typeof args[0] === 'string' ? search(args) : 0) },
  url: traversal(1),
  'jsonpatch.escapeKey': traversal(1),
  lowerAscii: traversal(1),
  upperAscii: traversal(1),
  substring: traversal(1),
  trim: traversal(1),
  replace: { before: (args) => Math.ceil(size(args, 0) * 2 * PER_CHARACTER) + search(args), after: made },
  split: { before: (args) => Math.ceil(size(args, 0) * 2 * PER_CHARACTER) + search(args) },
  join: { before: (args) => Math.floor(size(args, 0) / FREE), after: (result) => Math.ceil(roughSize(result) * 2 * PER_CHARACTER) },
  format: { before: (args) => Math.ceil(size(args, 0) * PER_CHARACTER), after: made },
  'strings.quote': traversal(1),
  find: { before: pattern },
  findAll: { before: pattern },
  matches: { before: pattern },
  contains: { before: (args) => Math.ceil(size(args, 0) * PER_CHARACTER) * Math.ceil(size(args, 1) * PER_CHARACTER) },
  startsWith: { before: (args) => Math.ceil(size(args, 1) * PER_CHARACTER) },
  endsWith: { before: (args) => Math.ceil(size(args, 1) * PER_CHARACTER) },
  cidr: traversal(1),
  isIP: traversal(1),
  isCIDR: traversal(1),
  ip: { before: (args) => (typeof args[0] === 'string' ? Math.ceil(size(args, 0) * PER_CHARACTER) : 1) },
  'ip.isCanonical': traversal(2),
  containsIP: network(false),
  containsCIDR: network(true),
  quantity: traversal(1),
  isQuantity: traversal(1),
  semver: traversal(1),
  isSemver: traversal(1),
  validate: { before: (args) => Math.ceil((1 + size(args, 1)) * PER_CHARACTER) * Math.ceil(size(args, 0) * PER_PATTERN_CHARACTER) },
  sort: { before: ([list]) => selfComparison(list!) },
  '@sortByAssociatedKeys': { before: ([, keys]) => selfComparison(keys!) },
  distinct: { before: ([list]) => selfComparison(list!) },
  'sets.contains': product(1),
  'sets.intersects': product(1),
  'sets.equivalent': product(2),
};

const BY_FORM: Readonly<Record<string, CallCost>> = {
  string_to_bytes: traversal(1),
  bytes_to_string: traversal(1),
  list_slice: { before: (args) => newList(1, Math.max(0, Math.min(Number(args[2]), size(args, 0)) - Math.max(0, Number(args[1])))) },
  list_flatten: { before: (args) => newList(1, size(args, 0)) },
  list_flatten_int: { before: (args) => newList(Math.max(0, Number(args[1])), size(args, 0)) },
  lists_range: { before: (args) => newList(1, Math.max(0, Number(args[0]))) },
  list_reverse: { before: (args) => newList(1, size(args, 0)) },
};

/** Sorting compares any two elements once, and so does looking for what stands twice in a list. */
function selfComparison(list: CelValue): number {
  const count = roughSize(list);
  const first = list instanceof CelList && count > 0 ? list.at(0) : undefined;
  const isText = typeof first === 'string' || first instanceof Bytes;
  return newList(isText ? 2 + PER_CHARACTER : 2, count * count) + (isText ? Math.floor((traversalCost(list) * Math.log2(count)) / FREE) : 0);
}

export function costOf({ name, id }: Pick<Overload, 'name' | 'id'>): CallCost {
  return (Object.hasOwn(BY_FORM, id) ? BY_FORM[id] : Object.hasOwn(COSTS, name) ? COSTS[name] : undefined) ?? ONE;
}
