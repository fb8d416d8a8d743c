import { SelectorError } from './parseLabelSelector.ts';
import { ownField } from './ownField.ts';

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
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/su.exec(term);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    requirements.push({ field, equal: operator !== '!=', value: unescape(value) });
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

function unescape(value: string): string {
  let result = '';
  for (let index = 0; index < value.length; index++) {
    const letter = value.charAt(index);
    // As a number, as Go prints it.
    if (letter === '=') throw new SelectorError(`invalid field selector: unescaped character in value: ${letter.charCodeAt(0)}`);
    if (letter !== '\\') {
      result += letter;
      continue;
    }
    index += 1;
    const escaped = index < value.length ? String.fromCodePoint(value.codePointAt(index)!) : '';
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped}`);
    result += escaped;
  }
  return result;
}

/** `fields` has every field that may be named. */
export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, equal, value }) => ((ownField(fields, field) ?? '') === value) === equal);
}

/** The value that a selector demands of a field, where there is one, e.g. for a lookup by name. */
export function requiredValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((each) => each.field === field && each.equal)?.value;
}
