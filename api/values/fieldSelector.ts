import { SelectorError } from './parseLabelSelector.ts';

/** One condition on one field: equal, or not. */
export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** All must hold; none at all selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * Reads the `fieldSelector` of a query: `a=b`, `a==b`, `a!=b`, joined by commas; `\\`, `\,` and `\=` stand for themselves.
 * @throws SelectorError
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const match = /^((?:[^\\=!]|\\.|!(?!=))*)(!=|==|=)((?:[^\\]|\\.)*)$/.exec(term);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    requirements.push({ field, equal: operator !== '!=', value: unescape(value, text) });
  }
  return requirements;
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescape(value: string, whole: string): string {
  let result = '';
  for (let index = 0; index < value.length; index++) {
    const letter = value.charAt(index);
    if (letter === '=') throw new SelectorError(`invalid selector: '${whole}'; unescaped '=' in '${value}'`);
    if (letter !== '\\') {
      result += letter;
      continue;
    }
    const escaped = value.charAt(++index);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') throw new SelectorError(`invalid selector: '${whole}'; invalid escape sequence in '${value}'`);
    result += escaped;
  }
  return result;
}

/** `fields` has every field that may be named. */
export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, equal, value }) => ((fields[field] ?? '') === value) === equal);
}

/** The value that a selector demands of a field, where there is one, e.g. for a lookup by name. */
export function requiredValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((each) => each.field === field && each.equal)?.value;
}
