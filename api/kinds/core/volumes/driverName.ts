import { required, tooLong, type FieldError } from '../../../fieldError.ts';
import { invalidEach } from '../../../validation/fields.ts';
import { validateDns1123Subdomain } from '../../../validation/names.ts';

const MAX_DRIVER_NAME_LENGTH = 63;

/** `ValidateCSIDriverName`. An empty name is missing and malformed at once. */
export function validateDriverName(field: string, name: string): FieldError[] {
  const errors = name === '' ? [required(field)] : [];
  if (name.length > MAX_DRIVER_NAME_LENGTH) errors.push(tooLong(field, MAX_DRIVER_NAME_LENGTH));
  return [...errors, ...invalidEach(field, name, validateDns1123Subdomain(name.toLowerCase()))];
}
