import { invalid, ofEach, tooLong } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import type { V1ManagedFieldsEntry } from '../generated/types.ts';

/** In bytes (`FieldManagerMaxLength`). */
export const LONGEST_MANAGER = 128;
/** In bytes (`MaxSubresourceNameLength`). */
const LONGEST_SUBRESOURCE = 256;
/** Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

export const isPrintable = (character: string): boolean => PRINTABLE.test(character);

/** What is wrong with a manager's name in a field. One that is too long is not looked at: each further fault would show it whole. */
export function validateManager(field: string, manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > LONGEST_MANAGER) return [tooLong(field, LONGEST_MANAGER)];
  const errors: FieldError[] = [];
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) errors.push(invalid(field, manager, `invalid character ${showCharacter(character)} (at position ${position})`));
    position += Buffer.byteLength(character);
  }
  return errors;
}

/** Go's `%#U` of a character that does not print. */
const showCharacter = (character: string): string => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** Owners of fields, as a client may write them (`ValidateManagedFields`). */
export function validateManagedFields(entries: readonly V1ManagedFieldsEntry[]): FieldError[] {
  return ofEach('metadata.managedFields', entries, (field, { operation = '', fieldsType = '', manager = '', subresource = '' }) => [
    ...(operation === 'Apply' || operation === 'Update' ? [] : [invalid(`${field}.operation`, operation, 'must be `Apply` or `Update`')]),
    ...(fieldsType === '' || fieldsType === 'FieldsV1' ? [] : [invalid(`${field}.fieldsType`, fieldsType, 'must be `FieldsV1`')]),
    ...validateManager(`${field}.manager`, manager),
    ...(Buffer.byteLength(subresource) > LONGEST_SUBRESOURCE ? [tooLong(`${field}.subresource`, LONGEST_SUBRESOURCE)] : []),
  ]);
}
