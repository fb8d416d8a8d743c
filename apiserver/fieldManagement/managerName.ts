import { invalid, tooLong } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';

/** In bytes (`FieldManagerMaxLength`). */
const LONGEST = 128;
/** Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Who a write counts for: `fieldManager`, or else what the user agent calls itself before its first `/`. */
export function managerOf(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== '') return fieldManager;
  let name = '';
  let size = 0;
  for (const character of (userAgent ?? '').split('/')[0]!) {
    if (!PRINTABLE.test(character)) continue;
    size += Buffer.byteLength(character);
    if (size > LONGEST) break;
    name += character;
  }
  return name;
}

/** What is wrong with a `fieldManager`. */
export function validateManager(fieldManager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(fieldManager) > LONGEST) errors.push(tooLong('fieldManager', LONGEST));
  let position = 0;
  for (const character of fieldManager) {
    if (!PRINTABLE.test(character)) errors.push(invalid('fieldManager', fieldManager, `invalid character ${showCharacter(character)} (at position ${position})`));
    position += Buffer.byteLength(character);
  }
  return errors;
}

/** Go's `%#U` of a character that does not print. */
const showCharacter = (character: string): string => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
