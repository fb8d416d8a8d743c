import { propertyOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

const QUOTED: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' };

/** `.`, `[`, `]`, a text in single quotes, or anything between them. */
const TOKEN = /'(?:[^'\\]|\\[\s\S])*'|[.[\]]|[^.[\]]+/g;

/** What a path leads to: how errors show the path, to be put behind another, and the schema that is there. */
interface Found {
  readonly shown: string;
  /** The first name of the path. */
  readonly root: string;
  /** Undefined for values of which the schema says nothing. */
  readonly schema: JsonSchema | undefined;
}

interface Fault {
  readonly fault: string;
}

const NO_FIELD: Fault = { fault: 'does not refer to a valid field' };
const ENDS: Fault = { fault: 'unexpected end of JSON path' };

/** Follows the path of a field (`.spec['a-b'].c`) in a schema, or says why it cannot be followed (`cel.ValidFieldPath`). `allowBrackets` is whether names may stand in brackets. */
export function followPath(path: string, schema: JsonSchema, allowBrackets = true): Found | Fault {
  const tokens = path.match(TOKEN) ?? [];
  let at: JsonSchema | undefined = schema;
  let shown = '';
  let root = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const isBracket = token === '[';
    if (isBracket && !allowBrackets) return { fault: 'array notation is not allowed' };
    if (token !== '.' && !isBracket) return { fault: `expected [ or . but got: ${token}` };
    const text = tokens[(index += 1)];
    if (text === undefined) return ENDS;
    const name = isBracket ? unquoted(text) : text;
    if (typeof name !== 'string') return name;
    root ||= name;
    if (at && Object.keys(at.properties ?? {}).length > 0) {
      shown += `.${name}`;
      at = propertyOf(at, name);
      if (!at) return NO_FIELD;
    } else if ((at)?.additionalProperties !== undefined) {
      shown += `[${name}]`;
      at = valuesOf(at);
    } else return NO_FIELD;
    if (!isBracket) continue;
    const end = tokens[(index += 1)];
    if (end !== ']') return end === undefined ? ENDS : { fault: `expected ] but got ${end}` };
  }
  return { shown, root, schema: at };
}

function unquoted(token: string): string | Fault {
  if (!/^'[\s\S]*'$/.test(token) || token.length < 2) return { fault: `expected single quoted string but got ${token}` };
  const text = token.slice(1, -1);
  const wrong = /\\([^abfnrtv'\\])/.exec(text);
  return wrong ? { fault: `invalid string literal: invalid escape char ${wrong[0]}` } : text.replace(/\\(.)/g, (_, letter: string) => QUOTED[letter]!);
}
