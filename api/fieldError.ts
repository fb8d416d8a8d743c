import { escapeHtml, goNumber, goQuote } from './values/goPrint.ts';

/** Kubernetes' `field.ErrorType`, in the form in which a Status' cause carries it. */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotFound'
  | 'InternalError';

/** One fault of an object: where, of what type, and the text that Kubernetes gives for it. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** e.g. `spec.containers[0].name`. */
  readonly field: string;
  /** e.g. `Required value: must name a container`, without the field. */
  readonly message: string;
}

/**
 * Adds faults to others, however many: a client decides their number, and what a call is given by spreading a list lies on the stack, which 100,000 of them
 * overflow.
 */
export function append<T>(faults: T[], ...more: readonly Iterable<T>[]): void {
  for (const each of more) for (const fault of each) faults.push(fault);
}

/** As many faults are told of one object; the texts of 400,000, which 1.6 MB can have, took seconds and 400 MB. */
export const MOST_FAULTS = 1_000;

/** Whether there are more than are told, so that nobody need look for others. */
export const isEnough = (faults: readonly FieldError[]): boolean => faults.length > MOST_FAULTS;

/** What is wrong with the items of a list, each at its place. */
export function ofEach<T>(field: string, items: readonly T[] | undefined, faultsOf: (field: string, item: T) => readonly FieldError[]): FieldError[] {
  const faults: FieldError[] = [];
  for (const [index, item] of (items ?? []).entries()) {
    append(faults, faultsOf(`${field}[${index}]`, item));
    if (isEnough(faults)) break;
  }
  return faults;
}

/** The factories build messages to the letter of `k8s.io/apimachinery/pkg/util/validation/field`. */
export const required = (field: string, detail = ''): FieldError => make('FieldValueRequired', field, 'Required value', detail);

/** In place of a value that is not to be shown (upstream's `OmitValueType`). */
export const OMITTED: unique symbol = Symbol('omitted');

export const invalid = (field: string, value: unknown, detail: string): FieldError => make('FieldValueInvalid', field, headOf('Invalid value', value), detail);

export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => make('FieldValueTypeInvalid', field, `Invalid value: ${show(value)}`, detail);

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return make('FieldValueNotSupported', field, `Unsupported value: ${show(value)}`, detail);
}

export const duplicate = (field: string, value: unknown): FieldError => make('FieldValueDuplicate', field, headOf('Duplicate value', value), '');

export const forbidden = (field: string, detail: string): FieldError => make('FieldValueForbidden', field, 'Forbidden', detail);

export const notFound = (field: string, value: unknown): FieldError => make('FieldValueNotFound', field, `Not found: ${show(value)}`, '');

export const tooLong = (field: string, maximum: number): FieldError =>
  make('FieldValueTooLong', field, 'Too long', `may not be more than ${maximum} byte${maximum === 1 ? '' : 's'}`);

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  return make('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${maximum} item${maximum === 1 ? '' : 's'}`);
}

function make(type: FieldErrorType, field: string, head: string, detail: string): FieldError {
  return { type, field, message: detail === '' ? head : `${head}: ${detail}` };
}

const headOf = (head: string, value: unknown): string => (value === OMITTED ? head : `${head}: ${show(value)}`);

function show(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  return escapeHtml(JSON.stringify(value));
}
