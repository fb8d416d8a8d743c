import { invalid, notSupported, required, type FieldError } from '../fieldError.ts';
import { NON_NEGATIVE_MESSAGE, IMMUTABLE_MESSAGE, validateQualifiedName } from './names.ts';
import { semanticEqual } from '../values/deepEqual.ts';

/** One error per message. */
export function invalidEach(field: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(field, value, message));
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, NON_NEGATIVE_MESSAGE)] : [];
}

/** A value that must be one of a few; absent is refused as missing. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** As `oneOf`, for a value that need not be there. */
export function oneOfIfSet(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A field that keeps its first value; absent and empty are the same. */
export function immutable(field: string, value: unknown, previous: unknown): FieldError[] {
  return semanticEqual(value, previous) ? [] : [invalid(field, value, IMMUTABLE_MESSAGE)];
}

/** As `immutable`, where absent and empty differ. */
export function strictlyImmutable(field: string, value: unknown, previous: unknown): FieldError[] {
  return semanticEqual(value, previous) ? [] : [invalid(field, value, IMMUTABLE_MESSAGE)];
}

/** A label's key, e.g. a topology key. */
export function labelName(field: string, value: string): FieldError[] {
  return invalidEach(field, value, validateQualifiedName(value));
}

/**
 * A function that tells of each value whether it was given that value before. To look for the first of its kind in the list itself takes a time that grows as the square of the
 * list, whose length a client decides.
 */
export function repeats(): (value: unknown) => boolean {
  const seen = new Set<unknown>();
  return (value) => seen.size === seen.add(value).size;
}
