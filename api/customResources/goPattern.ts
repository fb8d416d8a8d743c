/** A pattern cannot be compiled. */
export class PatternError extends Error {}

const compiled = new Map<string, RegExp>();
/** Patterns of all schemas together are few; the bound is for those that are only tried. */
const KEPT = 4096;

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7F', blank: '\\t ', cntrl: '\\x00-\\x1F\\x7F', digit: '0-9', graph: '!-~', lower: 'a-z', print: ' -~', punct: '!-\\/:-@\\[-`{-~', space: '\\t\\n\\v\\f\\r ', upper: 'A-Z', word: '0-9A-Za-z_', xdigit: '0-9A-Fa-f',
};

/**
 * Go's regular expression as JavaScript's, compiled once. What only Go writes (`\A`, `\z`, `\Q…\E`, `(?P<name>`, `[[:alpha:]]`, flags at the start) is
 * rewritten; what Go refuses (look-around, back references) is refused. Throws `PatternError`.
 */
export function goPattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const regExp = compile(pattern);
  if (compiled.size >= KEPT) compiled.clear();
  compiled.set(pattern, regExp);
  return regExp;
}

function compile(pattern: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const body = leading ? pattern.slice(leading[0].length) : pattern;
  if (/\(\?<?[=!]/.test(body)) throw new PatternError(`error parsing regexp: invalid or unsupported Perl syntax: \`${/\(\?<?[=!]/.exec(body)![0]}\``);
  const backReference = /(?:^|[^\\])(?:\\\\)*(\\[1-9])/.exec(body);
  if (backReference) throw new PatternError(`error parsing regexp: invalid escape sequence: \`${backReference[1]}\``);
  const source = body
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, literal: string) => literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\(\?P</g, '(?<')
    .replace(/\[:(\^?)(\w+):\]/g, (whole, negated: string, name: string) => (negated === '' && POSIX[name] !== undefined ? POSIX[name] : whole));
  try {
    // Only patterns with classes of Unicode take the flag: without it the engine can leave backtracking when it gets out of hand.
    return new RegExp(source, `${leading?.[1] ?? ''}${/\\[pP]\{/.test(source) ? 'u' : ''}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw new PatternError(`error parsing regexp: ${error.message.replace(/^Invalid regular expression: \/.*\/\w*: /s, '').toLowerCase()}: \`${pattern}\``);
    throw error;
  }
}
