import { required, tooLong, tooMany, type FieldError } from '../../fieldError.ts';

const MAX_PARAMETERS = 512;
/** Of names and values together, in bytes. */
const MAX_BYTES = 256 * 1024;

/** What is passed on to a driver (`validateParameters`); `mayBeEmpty` is false of classes that consist of nothing else. */
export function validateParameters(field: string, parameters: Readonly<Record<string, string>> | undefined, mayBeEmpty = true): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length === 0) return mayBeEmpty ? [] : [required(field, 'must contain at least one key/value pair')];
  const errors = entries.length > MAX_PARAMETERS ? [tooMany(field, entries.length, MAX_PARAMETERS)] : [];
  if (entries.some(([name]) => name === '')) errors.push({ type: 'FieldValueInvalid', field, message: 'Invalid value: "": field can not be empty.' });
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return bytes > MAX_BYTES ? [...errors, tooLong(field, MAX_BYTES)] : errors;
}
