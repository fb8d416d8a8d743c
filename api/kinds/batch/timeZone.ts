import { invalid, type FieldError } from '../../fieldError.ts';

/** Each part of a zone's name. */
const PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

/** `validateTimeZone`: a name of the IANA database. */
export function validateTimeZone(field: string, timeZone: string): FieldError[] {
  if (timeZone === '') return [invalid(field, timeZone, 'timeZone must be nil or non-empty string')];
  const unknown = invalid(field, timeZone, `unknown time zone ${timeZone}`);
  if (timeZone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !PART.test(part))) return [unknown];
  const errors = timeZone.toLowerCase() === 'local' ? [invalid(field, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')] : [];
  return timeZone === 'Local' || isTimeZone(timeZone) ? errors : [...errors, unknown];
}

/** Whether there is a zone of that name, in that case: Kubernetes looks for a file. */
export function isTimeZone(timeZone: string): boolean {
  // The runtime takes offsets for zones, too.
  if (/^[+-]/.test(timeZone)) return false;
  try {
    const { timeZone: found } = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions();
    // An alias resolves to another name; the same name in another case is none.
    return found === timeZone || found.toLowerCase() !== timeZone.toLowerCase();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
