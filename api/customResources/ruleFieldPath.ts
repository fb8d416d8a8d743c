import { propertyOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

const QUOTED: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' };

/** `.`, `[`, `]`, a text in single quotes, or anything between them. */
const TOKEN = /'(?:[^'\\]|\\[\s\S])*'|[.[\]]|[^.[\]]+/g;

interface Step {
  readonly name: string;
}

/** Steps of the path of a rule's field (`.spec['a-b'].c`), or why it is none. */
function stepsOf(path: string): { readonly steps: readonly Step[] } | { readonly fault: string } {
  const tokens = path.match(TOKEN) ?? [];
  const steps: Step[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (token === '.') {
      at += 1;
      if (at >= tokens.length) return { fault: 'unexpected end of JSON path' };
      steps.push({ name: tokens[at]! });
    } else if (token === '[') {
      const quoted = tokens[at + 1];
      if (quoted === undefined) return { fault: 'unexpected end of JSON path' };
      if (!/^'[\s\S]*'$/.test(quoted) || quoted.length < 2) return { fault: `expected single quoted string but got ${quoted}` };
      const wrong = /\\([^abfnrtv'\\])/.exec(quoted.slice(1, -1));
      if (wrong) return { fault: `invalid string literal: invalid escape char ${wrong[0]}` };
      const end = tokens[at + 2];
      if (end !== ']') return { fault: end === undefined ? 'unexpected end of JSON path' : `expected ] but got ${end}` };
      steps.push({ name: quoted.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => QUOTED[letter]!) });
      at += 2;
    } else return { fault: `expected [ or . but got: ${token}` };
  }
  return { steps };
}

/** Why a rule's `fieldPath` does not lead to a field of the schema (`cel.ValidFieldPath`); undefined where it does. */
export function fieldPathFault(path: string, schema: JsonSchema): string | undefined {
  const parsed = stepsOf(path);
  if ('fault' in parsed) return parsed.fault;
  let at: JsonSchema | undefined = schema;
  for (const { name } of parsed.steps) {
    at = at.properties ? propertyOf(at, name) : valuesOf(at);
    if (!at) return 'does not refer to a valid field';
  }
  return undefined;
}

/** The path as errors show it, to be put behind that of the rule; '' for no path, or none that can be followed. */
export function fieldPathOf(path: string): string {
  const parsed = stepsOf(path);
  return 'fault' in parsed ? '' : parsed.steps.map(({ name }) => `.${name}`).join('');
}
