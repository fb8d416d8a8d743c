import { goPattern } from '../../patterns/goPattern.ts';
import type { GoPattern } from '../../patterns/goPattern.ts';
import { TooMuchWorkError } from '../../patterns/meter.ts';
import type { Meter } from '../../patterns/meter.ts';
import { PatternError } from '../../patterns/patternError.ts';
import { global, member, metered } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError, CostExceeded } from '../values/celError.ts';
import { CelList, EMPTY_LIST } from '../values/list.ts';
import type { CelValue } from '../values/value.ts';

/** Calls `use` with a pattern; gives an error where it is none. Throws `CostExceeded` where it takes too much work, of which cel-go's costs know nothing. */
function withPattern(text: string, meter: Meter, use: (pattern: GoPattern) => CelValue): CelValue {
  try {
    return use(goPattern(text, meter));
  } catch (error) {
    if (error instanceof PatternError) return new CelError(error.message);
    if (error instanceof TooMuchWorkError) throw new CostExceeded();
    throw error;
  }
}

const matches = (meter: Meter, text: string, pattern: string): CelValue => withPattern(pattern, meter, (compiled) => compiled.test(text, meter));

function findAll(meter: Meter, text: string, pattern: string, most: number | bigint = -1): CelValue {
  if (Number(most) === 0) return EMPTY_LIST;
  return withPattern(pattern, meter, (compiled) => new CelList(compiled.findAll(text, most < 0 ? undefined : Number(most), meter)));
}

/** Regular expressions, of Go's syntax and in linear time. */
export const REGEX: readonly Overload[] = [
  metered(global('matches', '(string, string) -> bool', 'matches'), matches),
  metered(member('string', 'matches', '(string) -> bool', 'matches_string'), matches),
  metered(member('string', 'find', '(string) -> string', 'string_find_string'), (meter: Meter, text: string, pattern: string) => withPattern(pattern, meter, (compiled) => compiled.find(text, meter))),
  metered(member('string', 'findAll', '(string) -> list(string)', 'string_find_all_string'), findAll),
  metered(member('string', 'findAll', '(string, int) -> list(string)', 'string_find_all_string_int'), findAll),
];
