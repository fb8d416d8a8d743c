/** What is wrong with a format, or with what it is to show. */
export class FormatFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** `%.2f`: what stands in a format for a value. */
export interface Clause {
  readonly verb: 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';
  readonly precision: number | undefined;
}

const VERBS: Readonly<Record<Clause['verb'], string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

/** Decimals that a clause may ask for. */
const MAX_PRECISION = 1_000;

const isVerb = (text: string): text is Clause['verb'] => Object.hasOwn(VERBS, text);

/** A clause was given a value of a type that it is not for. */
export const wrongType = (verb: Clause['verb'], type: string): FormatFault => new FormatFault(`error during formatting: ${VERBS[verb]}, was given ${type}`);

/** The texts and the clauses of a format, in order. Throws a `FormatFault` where it is none, or asks for more values than there are. */
export function* parseFormat(text: string, given: () => number): Generator<string | Clause> {
  let from = 0;
  let clauses = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', from)) {
    if (at > from) yield text.slice(from, at);
    if (text[at + 1] === '%') {
      yield '%';
      from = at + 2;
      continue;
    }
    if (clauses >= given()) throw new FormatFault(`index ${clauses} out of range`);
    if (at + 1 >= text.length) throw new FormatFault('unexpected end of string');
    const { clause, end } = parseClause(text, at + 1);
    yield clause;
    clauses += 1;
    from = end;
  }
  if (from < text.length) yield text.slice(from);
}

function parseClause(text: string, start: number): { readonly clause: Clause; readonly end: number } {
  let at = start;
  let precision: number | undefined;
  if (text[at] === '.') {
    const digits = /\d*/y;
    digits.lastIndex = at + 1;
    const [found = ''] = digits.exec(text) ?? [];
    at += 1 + found.length;
    const fault = (why: string): FormatFault => new FormatFault(`could not parse formatting clause: error while parsing precision: ${why}`);
    if (at >= text.length) throw fault('could not find end of precision specifier');
    if (found === '') throw fault('error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
    precision = Number(found);
    if (precision > MAX_PRECISION) throw fault(`precision ${found} exceeds maximum allowed precision (${MAX_PRECISION})`);
  }
  const verb = text[at]!;
  if (!isVerb(verb)) throw new FormatFault(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  return { clause: { verb, precision }, end: at + 1 };
}
