import { invalid, isEnough, notSupported, required, tooLong, tooMany, typeInvalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { goPattern } from '../patterns/goPattern.ts';
import { Meter, TooMuchWorkError } from '../patterns/meter.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { goJson, goQuote, isGoInteger } from '../values/goPrint.ts';
import { ownField } from '../values/ownField.ts';
import { formerItems, isUnchanged, schemaInside } from './correlation.ts';
import { stringFormat } from './formats.ts';
import { fieldAt, isIntOrString, itemsOf, NOWHERE, propertyOf, valuesOf } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { validateNumber } from './validateNumber.ts';

/** What one schema says of one value. */
interface Result {
  readonly errors: FieldError[];
  /** Which errors are among them, once there are any. */
  told?: Set<string>;
  /** How many kinds of checks applied, by which the nearest of several alternatives is told (kube-openapi's MatchCount). */
  matches: number;
}

/** What all patterns of one value may take together, in steps of matching: some tens of milliseconds of work. */
const PATTERN_STEPS = 5_000_000;
/** Of the value that is being checked; nothing else is checked before that ends. */
let patternMeter = new Meter(PATTERN_STEPS);

/** A value as it was, by the schema that tells what of it did not change. */
interface Old {
  readonly value: unknown;
  readonly schema: JsonSchema;
}

/** Undefined where there is nothing to compare with. */
const oldOf = (value: unknown, schema: JsonSchema | undefined): Old | undefined => (value === undefined || schema === undefined ? undefined : { value, schema });

/**
 * Checks a value against its schema; the texts are those of kube-openapi's validator as apiextensions shows them. Given the value as it was, faults of
 * parts that did not change are let pass (ratcheting).
 */
export function validateValue(value: unknown, schema: JsonSchema, old?: unknown, path = ''): FieldError[] {
  patternMeter = new Meter(PATTERN_STEPS);
  try {
    return check(value, schema, oldOf(old, schema), path).errors;
  } catch (error) {
    if (error instanceof UndecidedError) return [error.fault];
    throw error;
  }
}

/** Errors of a value that was checked without the path at which it stands; only their fields name it. Faults of a list's items have a dot before the index where Kubernetes takes `[0]` for a name. */
export function withinField(path: string, errors: readonly FieldError[], beforeIndex: '' | '.' = ''): FieldError[] {
  return errors.map((error) => ({ ...error, field: error.field === NOWHERE ? path : error.field.startsWith('[') ? `${path}${beforeIndex}${error.field}` : `${path}.${error.field}` }));
}

/** It took too long to tell whether a text matches a pattern, which is then not so, nor is its opposite: nothing else of the value counts. */
class UndecidedError extends Error {
  readonly fault: FieldError;

  constructor(path: string, text: string, pattern: string, reason: string) {
    super(reason);
    this.fault = invalid(fieldAt(path), text, `${path} in body should match '${pattern}': ${reason}`);
  }
}

/** What did not change may stay as it is. */
function check(value: unknown, schema: JsonSchema, old: Old | undefined, path: string): Result {
  const result = checkAll(value, schema, old, path);
  if (old && result.errors.length > 0 && isUnchanged(value, old.value, old.schema)) return { errors: [], matches: result.matches };
  return result;
}

function checkAll(value: unknown, schema: JsonSchema, old: Old | undefined, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const types = isIntOrString(schema) ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const type = checkType(value, types, schema, path);
  addErrors(result, type);
  if (type.length === 0 && (types.length > 0 || value === null)) result.matches += 1;
  if (value === null) {
    if (schema.enum !== undefined) addErrors(result, checkEnum(value, schema.enum, path));
    return result;
  }
  // Each sort of check that applies counts, and so does having checked.
  result.matches += types.length > 0 ? 4 : 3;
  if (schema.anyOf || schema.oneOf || schema.allOf || schema.not) add(result, checkJunctors(value, schema, old, path));
  if (typeof value === 'string') {
    result.matches += 1;
    addErrors(result, checkString(value, schema, path));
  }
  if (typeof value === 'number') {
    result.matches += 2;
    addErrors(result, validateNumber(value, schema, path));
  }
  if (Array.isArray(value)) {
    result.matches += 2;
    add(result, checkList(value, schema, old, path));
  }
  if (schema.enum !== undefined) addErrors(result, checkEnum(value, schema.enum, path));
  if (isRecord(value)) {
    result.matches += 1;
    add(result, checkFields(value, schema, old, path));
  }
  return result;
}

/** A fault is told once, however many parts of a schema find it. */
function addErrors(result: Result, errors: readonly FieldError[]): void {
  for (const error of errors) {
    if (isEnough(result.errors)) break;
    result.told ??= new Set();
    const key = `${error.field}\n${error.message}`;
    if (result.told.has(key)) continue;
    result.told.add(key);
    result.errors.push(error);
  }
}

function add(result: Result, more: Result): void {
  result.matches += more.matches;
  addErrors(result, more.errors);
}

function checkType(value: unknown, types: readonly string[], schema: JsonSchema, path: string): FieldError[] {
  if (types.length === 0) return [];
  const { name, format } = typeOf(value);
  if (value === null) return schema.nullable === true ? [] : [wrongType(path, types.join(','), 'null')];
  const isWholeFloat = name === 'number' && Number.isSafeInteger(value) && types.includes('integer');
  const fits = types.includes(name) || isWholeFloat || (name === 'integer' && types.includes('number'));
  const expected = formatOf(schema, types);
  if (fits) return [];
  if (expected && typeof value !== 'string' && !Array.isArray(value) && format !== expected) return [wrongType(path, expected, format)];
  // A list is not asked for the type of texts that have a format.
  if (expected && Array.isArray(value) && !types.includes('integer') && !types.includes('number')) return [];
  return [wrongType(path, types.join(','), name)];
}

/** The format that counts for the schema's type. */
function formatOf({ format }: JsonSchema, types: readonly string[]): string | undefined {
  if (!format) return undefined;
  const [type = 'string'] = types.length === 1 ? types : [];
  const counts = type === 'string' ? stringFormat(format) !== undefined : type === 'integer' ? format === 'int32' || format === 'int64' : type === 'number' && (format === 'float' || format === 'double');
  return counts ? format : undefined;
}

function wrongType(path: string, type: string, actual: string): FieldError {
  return typeInvalid(fieldAt(path), actual, `${path} in body must be of type ${type}: ${JSON.stringify(actual)}`);
}

/** The JSON type of a value, and the name under which Go's validator knows its form. */
function typeOf(value: unknown): { readonly name: string; readonly format: string } {
  if (value === null) return { name: 'null', format: 'null' };
  if (Array.isArray(value)) return { name: 'array', format: '' };
  if (typeof value === 'number') return isGoInteger(value) ? { name: 'integer', format: 'int64' } : { name: 'number', format: 'float64' };
  return { name: typeof value, format: '' };
}

function checkString(value: string, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minLength, maxLength, pattern, format } = schema;
  if (minLength === undefined && maxLength === undefined && !pattern && !format) return errors;
  const field = fieldAt(path);
  const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(field, maxLength));
  else if (minLength !== undefined && length < minLength) errors.push(invalid(field, value, `${path} in body should be at least ${minLength} chars long`));
  else if (pattern && !matches(pattern, value, path)) errors.push(invalid(field, value, `${path} in body should match '${pattern}'`));
  const isFormat = format && (schema.type === undefined || schema.type === 'string') ? stringFormat(format) : undefined;
  if (isFormat && !isFormat(value)) errors.push(typeInvalid(field, value, `${path} in body must be of type ${format}: ${goQuote(value)}`));
  return errors;
}

function matches(pattern: string, text: string, path: string): boolean {
  try {
    return goPattern(pattern, patternMeter).test(text, patternMeter);
  } catch (error) {
    if (error instanceof TooMuchWorkError) throw new UndecidedError(path, text, pattern, error.message);
    throw error;
  }
}

function checkEnum(value: unknown, allowed: readonly unknown[], path: string): FieldError[] {
  // Go turns a fraction into an integer where it is compared with one.
  if (allowed.some((each) => deepEqual(each, value) || (typeof value === 'number' && Number.isInteger(each) && Math.trunc(value) === each))) return [];
  return [notSupported(fieldAt(path), isRecord(value) || Array.isArray(value) ? JSON.parse(goJson(value)) : value, allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))))];
}

function checkList(list: readonly unknown[], schema: JsonSchema, old: Old | undefined, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const items = itemsOf(schema);
  if (items) {
    const former = old && formerItems(old.value, old.schema);
    for (const [index, item] of list.entries()) {
      if (isEnough(result.errors)) break;
      add(result, check(item, items, former && oldOf(former(item), itemsOf(old.schema)), `${path}[${index}]`));
    }
  }
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && list.length < minItems) addErrors(result, [invalid(fieldAt(path), list.length, `${path} in body should have at least ${minItems} items`)]);
  if (maxItems !== undefined && list.length > maxItems) addErrors(result, [tooMany(fieldAt(path), list.length, maxItems)]);
  if (schema.uniqueItems === true && new Set(list.map((each) => JSON.stringify(each))).size < list.length) addErrors(result, [invalid(fieldAt(path), '', `${path} in body shouldn't contain duplicates`)]);
  return result;
}

function checkFields(fields: Fields, schema: JsonSchema, old: Old | undefined, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const { minProperties, maxProperties } = schema;
  const names = Object.keys(fields);
  if (minProperties !== undefined && names.length < minProperties) addErrors(result, [invalid(fieldAt(path), names.length, `${path} in body should have at least ${minProperties} properties`)]);
  if (maxProperties !== undefined && names.length > maxProperties) addErrors(result, [tooMany(fieldAt(path), names.length, maxProperties)]);
  const before = old && isRecord(old.value) ? old.value : undefined;
  const former = (name: string): Old | undefined => (before ? oldOf(ownField(before, name), schemaInside(old!.schema, name)) : undefined);
  const values = valuesOf(schema);
  const forbidsOthers = (schema as { readonly additionalProperties?: unknown }).additionalProperties === false;
  for (const name of names) {
    if (isEnough(result.errors)) break;
    if (propertyOf(schema, name)) continue;
    if (forbidsOthers) addErrors(result, [invalid(fieldAt(path), name, `${path}.${name} in body is a forbidden property`)]);
    else if (values) add(result, check(fields[name], values, former(name), `${path}.${name}`));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(fields, name)) add(result, check(fields[name], property, former(name), path === '' ? name : `${path}.${name}`));
  }
  for (const name of schema.required ?? []) if (!Object.hasOwn(fields, name)) addErrors(result, [required(fieldAt(`${path}.${name}`))]);
  return result;
}

/** `anyOf`, `oneOf`, `allOf` and `not`, in the order in which upstream reports them. */
function checkJunctors(value: unknown, schema: JsonSchema, old: Old | undefined, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const fail = (text: string): void => addErrors(result, [invalid(NOWHERE, '', `${goQuote(path)} ${text}`)]);
  const all = (schemas: readonly JsonSchema[] | undefined): Result[] => (schemas ?? []).map((each) => checkAll(value, each, old, path));
  const any = all(schema.anyOf);
  if (any.length > 0) {
    const first = any.find(isValid);
    if (!first) fail('must validate at least one schema (anyOf)');
    add(result, first ?? nearest(any));
  }
  const one = all(schema.oneOf);
  const valid = one.filter(isValid).length;
  if (one.length > 0 && valid !== 1) {
    fail(`must validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`);
    if (valid === 0) add(result, nearest(one));
  }
  if (valid === 1) add(result, one.find(isValid)!);
  const every = all(schema.allOf);
  for (const each of every) add(result, each);
  const passed = every.filter(isValid).length;
  if (passed < every.length) fail(`must validate all the schemas (allOf)${passed === 0 ? '. None validated' : ''}`);
  if (schema.not && isValid(checkAll(value, schema.not, old, path))) fail('must not validate the schema (not)');
  return result;
}

const isValid = ({ errors }: Result): boolean => errors.length === 0;

/** Of the alternatives that failed, the one of which most applied; the first of several. */
function nearest(results: readonly Result[]): Result {
  return results.reduce((best, each) => (each.matches > best.matches ? each : best));
}
