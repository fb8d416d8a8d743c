import { showDouble } from '../cel/values/show.ts';
import { canonicalJson } from './stableHash.ts';

const PLAIN = /^[ !#-[\]-~]*$/;
/** What Go's `%q` does not write as it stands (`strconv.IsPrint`). */
const NOT_PRINTED = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const SHORT: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };

/** A text as Go's `%q` writes it. */
export function goQuote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.toWellFormed().replace(/[\\"]/g, '\\$&').replace(NOT_PRINTED, escaped)}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  return SHORT[character] ?? (code < 0x80 ? `\\x${hex.padStart(2, '0')}` : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`);
}

/** A list of texts as Go prints it with `%q`. */
export const goStrings = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;

/** JSON as Go's `%v` writes what it decodes JSON to. */
export function goPlain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goPlain).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = value as Readonly<Record<string, unknown>>;
    return `map[${Object.keys(fields).sort().map((name) => `${name}:${goPlain(fields[name])}`).join(' ')}]`;
  }
  if (typeof value === 'number') return goNumber(value);
  return typeof value === 'string' ? value : value === null || value === undefined ? '<nil>' : JSON.stringify(value);
}

/** A number as `%v` writes it, an integer or a float64. */
export const goNumber = (value: number): string => (isGoInteger(value) ? String(value) : showDouble(value));

const LONGEST_INTEGER = 2 ** 63;

/** Whether Go reads the number as an int64, rather than as a float64. */
export const isGoInteger = (value: number): boolean => Number.isInteger(value) && value >= -LONGEST_INTEGER && value < LONGEST_INTEGER;

/** Go's `%T` of what it decodes JSON to. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return isGoInteger(value) ? 'int64' : 'float64';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : 'string';
}

/** As Go's decoder names what JSON holds. */
export function jsonKind(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

const HTML = /[<>&\u2028\u2029]/;
const EACH_HTML = /[<>&\u2028\u2029]/g;

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON as Go writes it, so that it can stand in HTML: these characters are in its texts only. */
export const escapeHtml = (json: string): string => (HTML.test(json) ? json.replaceAll(EACH_HTML, unicodeEscape) : json);

/** A value as Go writes its JSON: without blanks, maps with sorted keys. */
export const goJson = (value: unknown): string => escapeHtml(canonicalJson(value));
