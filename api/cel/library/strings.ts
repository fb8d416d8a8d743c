import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { CelList } from '../values/list.ts';
import { checkLength, codePoints } from '../values/size.ts';
import type { CelValue } from '../values/value.ts';
import { formatText } from './formatText.ts';

type Int = number | bigint;

/** A text's characters: itself where every unit is one. */
const characters = (text: string): string | readonly string[] => (codePoints(text) === text.length ? text : Array.from(text));
const joined = (part: string | readonly string[]): string => (typeof part === 'string' ? part : part.join(''));
const outOfRange = (index: Int): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, index: Int): CelValue {
  const all = characters(text);
  if (index < 0 || index > all.length) return outOfRange(index);
  return all[Number(index)] ?? '';
}

/** The place of a part, in characters, at or after `from`; or the last one at or before it. An empty part stands wherever one looks for it, even where there is nothing. */
function indexOf(text: string, part: string, from: Int | undefined, last: boolean): CelValue {
  const length = codePoints(text);
  if (part === '') return from ?? (last ? length : 0);
  const start = from ?? (last ? Math.max(0, length - 1) : 0);
  if (start < 0) return outOfRange(start);
  if (start >= length) return -1;
  const unit = length === text.length ? Number(start) : Array.from(text).slice(0, Number(start)).join('').length;
  const at = last ? text.lastIndexOf(part, unit) : text.indexOf(part, unit);
  return at < 0 ? -1 : codePoints(text.slice(0, at));
}

function substring(text: string, start: Int, end?: Int): CelValue {
  const all = characters(text);
  if (end !== undefined && start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > all.length) return outOfRange(start);
  if (end !== undefined && end > all.length) return outOfRange(end);
  return joined(all.slice(Number(start), end === undefined ? undefined : Number(end)));
}

/** All of them for a negative number. */
function replace(text: string, part: string, by: string, most: Int): CelValue {
  if (most === 0 || part === by) return text;
  const pieces = part === '' ? ['', ...Array.from(text)] : text.split(part);
  if (part === '') pieces.push('');
  const limit = most < 0 ? pieces.length - 1 : Math.min(Number(most), pieces.length - 1);
  checkLength(text.length + limit * by.length);
  return `${pieces.slice(0, limit + 1).join(by)}${pieces.slice(limit + 1).map((piece) => part + piece).join('')}`;
}

/** At most so many parts, the last of which has the rest; all of them for a negative number. */
function split(text: string, by: string, most: Int): CelValue {
  if (most === 0) return new CelList([]);
  const pieces = by === '' ? Array.from(text) : text.split(by);
  if (most < 0 || pieces.length <= most) return new CelList(pieces);
  const kept = Number(most) - 1;
  return new CelList([...pieces.slice(0, kept), pieces.slice(kept).join(by)]);
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());
const SPACE = /\p{White_Space}/u;

/** Without white space (as Unicode defines it, which is not how JavaScript does) at both ends; no expression, which could take quadratic time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text[start]!)) start += 1;
  while (end > start && SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** Of a list that is known to hold texts only; the same long text may stand in it many times. */
function joinTexts(list: CelList, by: string): string {
  const texts = list.toArray() as string[];
  checkLength(texts.reduce((length, text) => length + text.length, texts.length * by.length));
  return texts.join(by);
}

const QUOTED: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' };
// oxlint-disable-next-line no-control-regex
const quote = (text: string): string => `"${text.toWellFormed().replace(/[\u0007\b\f\n\r\t\v\\"]/g, (each) => QUOTED[each]!)}"`;

/** The strings library, and what CEL itself has for texts. */
export const STRINGS: readonly Overload[] = [
  member('string', 'contains', '(string) -> bool', 'contains_string', (text: string, part: string) => text.includes(part)),
  member('string', 'startsWith', '(string) -> bool', 'starts_with_string', (text: string, part: string) => text.startsWith(part)),
  member('string', 'endsWith', '(string) -> bool', 'ends_with_string', (text: string, part: string) => text.endsWith(part)),
  member('string', 'charAt', '(int) -> string', 'string_char_at_int', charAt),
  member('string', 'indexOf', '(string) -> int', 'string_index_of_string', (text: string, part: string) => indexOf(text, part, undefined, false)),
  member('string', 'indexOf', '(string, int) -> int', 'string_index_of_string_int', (text: string, part: string, from: Int) => indexOf(text, part, from, false)),
  member('string', 'lastIndexOf', '(string) -> int', 'string_last_index_of_string', (text: string, part: string) => indexOf(text, part, undefined, true)),
  member('string', 'lastIndexOf', '(string, int) -> int', 'string_last_index_of_string_int', (text: string, part: string, from: Int) => indexOf(text, part, from, true)),
  member('string', 'lowerAscii', '() -> string', 'string_lower_ascii', lower),
  member('string', 'upperAscii', '() -> string', 'string_upper_ascii', upper),
  member('string', 'replace', '(string, string) -> string', 'string_replace_string_string', (text: string, part: string, by: string) => replace(text, part, by, -1)),
  member('string', 'replace', '(string, string, int) -> string', 'string_replace_string_string_int', replace),
  member('string', 'split', '(string) -> list(string)', 'string_split_string', (text: string, by: string) => split(text, by, -1)),
  member('string', 'split', '(string, int) -> list(string)', 'string_split_string_int', split),
  member('string', 'substring', '(int) -> string', 'string_substring_int', (text: string, start: Int) => substring(text, start)),
  member('string', 'substring', '(int, int) -> string', 'string_substring_int_int', substring),
  member('string', 'trim', '() -> string', 'string_trim', trim),
  member('list(string)', 'join', '() -> string', 'list_join', (list: CelList) => joinTexts(list, '')),
  member('list(string)', 'join', '(string) -> string', 'list_join_string', joinTexts),
  member('string', 'format', '(list(dyn)) -> string', 'string_format', formatText),
  global('strings.quote', '(string) -> string', 'strings_quote', quote),
];
