import { CHECK_COST, FORMAT_PATTERN, PER_CHARACTER, PER_PATTERN_CHARACTER } from './callCosts.ts';
import type { Overload } from './overload.ts';
import { add, fixed, NOTHING, scale, times, UNCOUNTABLE, UNKNOWN } from './ranges.ts';
import type { Range } from './ranges.ts';
import type { CelType } from './types.ts';

/** An argument as far as it is known before anything runs. */
export interface Sized {
  readonly type: CelType;
  readonly size: Range;
  /** Whether the schema tells how large it is: it is reached from a variable, and not made by the expression. */
  readonly declared: boolean;
  /** What number it is, where it is a constant. */
  readonly constant?: number;
}

export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

type Estimate = (args: readonly Sized[]) => CallEstimate;

const ONE = fixed(1);
/** Upstream's `MaxFormatSize`. */
const LONGEST_FORMAT_NAME = 64;
const size = (args: readonly Sized[], index: number): Range => args[index]?.size ?? NOTHING;
const traversal = (factor: number, keepsSize = false): Estimate => (args) => ({ cost: scale(size(args, 0), factor * PER_CHARACTER), ...(keepsSize ? { size: size(args, 0) } : {}) });
/** A constant as a number of elements, of which there are none where it is negative. */
const count = (arg: Sized | undefined): number | undefined => (arg?.constant === undefined ? undefined : Math.max(0, arg.constant));
/** A constant as a limit, which does not limit anything where it is negative. */
const most = (arg: Sized | undefined): number | undefined => (arg?.constant !== undefined && arg.constant >= 0 ? arg.constant : undefined);
const patternCost = (text: Range, pattern: Range): Range => times(scale(add(text, ONE), PER_CHARACTER), scale(pattern, PER_PATTERN_CHARACTER));

/** What one element of a list may be; upstream knows only of elements that the schema declares. */
const elementSize = ({ type, declared }: Sized): Range => (declared && type.kind === 'list' ? { min: 0, max: type.element.maxElements ?? UNCOUNTABLE } : UNKNOWN);

/** One comparison for each element, and a look at all characters where they are texts. */
const overList: Estimate = (args) => {
  const [list] = args;
  if (list?.type.kind !== 'list') return { cost: scale(size(args, 0), PER_CHARACTER) };
  const { kind } = list.type.element;
  const each = kind === 'string' || kind === 'bytes' ? add(ONE, scale(elementSize(list), PER_CHARACTER)) : ONE;
  return { cost: times(list.size, each) };
};

/** Equality of two values of a library's own type. A URL is as large as its text, of which upstream looks at the second one's. */
function opaqueEquality(name: string, args: readonly Sized[]): CallEstimate {
  const most = name === 'kubernetes.NamedFormat' ? LONGEST_FORMAT_NAME : name === 'kubernetes.URL' ? size(args, 1).max : 1;
  return { cost: scale({ min: 1, max: most }, PER_CHARACTER) };
}

const equality: Estimate = (args) => {
  const type = args[0]?.type;
  return type?.kind === 'opaque' && type.name !== 'optional_type' ? opaqueEquality(type.name, args) : comparison(args);
};

const comparison: Estimate = (args) => {
  const most = Math.min(size(args, 0).max, size(args, 1).max);
  return { cost: scale({ min: most > 0 ? 1 : 0, max: most }, PER_CHARACTER) };
};

const concatenation = (isText: boolean): Estimate => (args) => {
  const result = add(size(args, 0), size(args, 1));
  return { cost: isText ? scale(result, PER_CHARACTER) : ONE, size: result };
};

const replacement: Estimate = (args) => {
  const [text, from, to] = [size(args, 0), size(args, 1), size(args, 2)];
  const most = from.min === 0 ? add(text, times({ min: 0, max: text.max + 1 }, to)).max : to.max <= from.min ? text.max : Math.ceil(text.max / from.min) * to.max;
  const least = from.max === 0 ? text.min + (text.min + 1) * to.min : from.max <= to.min ? text.min : Math.ceil(text.min / from.max) * to.min;
  return { cost: scale(text, 2 * PER_CHARACTER), size: { min: least, max: Math.min(most, UNCOUNTABLE) } };
};

const joining: Estimate = (args) => {
  const [list] = args;
  const count = size(args, 0);
  const texts = list ? times(count, elementSize(list)) : NOTHING;
  const result = args.length > 1 ? add(texts, times(size(args, 1), { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) })) : texts;
  return { cost: scale(result, PER_CHARACTER), size: result };
};

const finding: Estimate = (args) => ({ cost: patternCost(size(args, 0), size(args, 1)), size: { min: 0, max: size(args, 0).max } });

/** Both addresses have 4 or 16 bytes. */
const ADDRESS: Range = { min: 4, max: 16 };
const network = (isCidr: boolean): Estimate => (args) => {
  const parsing = args[1]?.type.kind === 'string' ? scale(size(args, 1), PER_CHARACTER) : NOTHING;
  return { cost: add(scale(add(ADDRESS, ADDRESS), PER_CHARACTER), isCidr ? add(scale(ADDRESS, PER_CHARACTER), ONE) : NOTHING, parsing) };
};

/** As a selector is parsed: a list of requirements, each of at least two characters, a struct with a list. */
const selector: Estimate = (args) => ({ cost: add(fixed(10), scale(size(args, 1), PER_CHARACTER), scale(scale(size(args, 1), 0.5), 50)) });

/** What a function costs that makes a list. */
const newList = (factor: number, elements: Range): CallEstimate => ({ cost: add(scale(elements, factor), fixed(11)), size: elements });
const selfComparison = (factor: number): Estimate => (args) => newList(factor, times(args.at(-1)!.size, args.at(-1)!.size));

const isText = (list: CelType): boolean => list.kind === 'list' && (list.element.kind === 'string' || list.element.kind === 'bytes');

const sets = (factor: number): Estimate => (args) => ({ cost: add(ONE, scale(times(size(args, 0), size(args, 1)), factor)) });

const ESTIMATES: Readonly<Record<string, Estimate>> = {
  check: () => ({ cost: fixed(CHECK_COST) }),
  isSorted: overList,
  sum: overList,
  min: overList,
  max: overList,
  indexOf: overList,
  lastIndexOf: overList,
  url: traversal(1, true),
  'jsonpatch.escapeKey': traversal(1, true),
  fieldSelector: selector,
  labelSelector: selector,
  lowerAscii: traversal(1, true),
  upperAscii: traversal(1, true),
  substring: traversal(1, true),
  trim: traversal(1, true),
  replace: replacement,
  split: (args) => ({ cost: scale(size(args, 0), 2 * PER_CHARACTER), size: { min: 0, max: most(args[2]) ?? size(args, 0).max } }),
  join: joining,
  find: finding,
  findAll: finding,
  matches: (args) => ({ cost: patternCost(size(args, 0), size(args, 1)) }),
  contains: (args) => ({ cost: times(scale(size(args, 0), PER_CHARACTER), scale(size(args, 1), PER_CHARACTER)) }),
  startsWith: (args) => ({ cost: scale(size(args, 1), PER_CHARACTER) }),
  endsWith: (args) => ({ cost: scale(size(args, 1), PER_CHARACTER) }),
  format: (args) => ({ cost: scale(size(args, 0), PER_CHARACTER) }),
  'strings.quote': (args) => ({ cost: scale(size(args, 0), PER_CHARACTER), size: { min: size(args, 0).min + 2, max: size(args, 0).max * 2 + 2 } }),
  quantity: traversal(1),
  isQuantity: traversal(1),
  semver: traversal(1),
  isSemver: traversal(1),
  'ip.isCanonical': traversal(2),
  isIP: traversal(1),
  cidr: traversal(1),
  isCIDR: traversal(1),
  containsIP: network(false),
  containsCIDR: network(true),
  validate: (args) => ({ cost: scale(scale(size(args, 1), PER_CHARACTER), FORMAT_PATTERN * PER_PATTERN_CHARACTER) }),
  'sets.contains': sets(1),
  'sets.intersects': sets(1),
  'sets.equivalent': sets(2),
  '_==_': equality,
  '_!=_': comparison,
};

const BY_FORM: Readonly<Record<string, Estimate>> = {
  add_string: concatenation(true),
  add_bytes: concatenation(true),
  add_list: concatenation(false),
  in_list: (args) => ({ cost: size(args, 1) }),
  string_to_ip: traversal(1),
  string_to_bytes: (args) => ({ cost: scale(size(args, 0), PER_CHARACTER), size: { min: size(args, 0).min, max: size(args, 0).max * 4 } }),
  bytes_to_string: (args) => ({ cost: scale(size(args, 0), PER_CHARACTER), size: { min: Math.floor(size(args, 0).min / 4), max: size(args, 0).max } }),
  list_slice: (args) => {
    const start = count(args[1]) ?? 0;
    const end = count(args[2]) ?? size(args, 0).max;
    // cel-go's difference has no sign.
    return newList(1, fixed(end < start ? UNCOUNTABLE : end - start));
  },
  list_flatten: (args) => newList(1, size(args, 0)),
  list_flatten_int: (args) => newList(count(args[1]) ?? UNCOUNTABLE, size(args, 0)),
  lists_range: (args) => newList(1, fixed(count(args[0]) ?? UNCOUNTABLE)),
  list_reverse: (args) => newList(1, size(args, 0)),
  list_distinct: (args) => selfComparison(isText(args[0]!.type) ? 2 + PER_CHARACTER : 2)(args),
  ...Object.fromEntries(['int', 'uint', 'double', 'bool', 'google.protobuf.Duration', 'google.protobuf.Timestamp', 'string', 'bytes'].flatMap((type) => {
    const estimate = selfComparison(type === 'string' || type === 'bytes' ? 2 + PER_CHARACTER : 2);
    return [[`list_${type}_sort`, estimate], [`list_${type}_sortByAssociatedKeys`, estimate]];
  })),
  ...Object.fromEntries(['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => ['string', 'bytes'].map((type) => [`${name}_${type}`, comparison]))),
};


/** What a form of a function may cost, beside its arguments; a function that is not named costs 1. */
export function callEstimate({ name, id }: Overload, args: readonly Sized[]): CallEstimate {
  const estimate = Object.hasOwn(BY_FORM, id) ? BY_FORM[id] : Object.hasOwn(ESTIMATES, name) ? ESTIMATES[name] : undefined;
  return estimate ? estimate(args) : { cost: ONE };
}
