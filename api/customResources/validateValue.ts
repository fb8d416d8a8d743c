import { invalid, notSupported, required, tooLong, tooMany, typeInvalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { STRING_FORMATS } from './formats.ts';
import { goPattern } from './goPattern.ts';
import { fieldAt, isIntOrString, isRecord, itemsOf, mapKeyOf, NOWHERE, propertyOf, valuesOf } from './jsonSchema.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { validateNumber } from './validateNumber.ts';

/** What one schema says of one value. */
interface Result {
  readonly errors: FieldError[];
  /** How many kinds of checks applied, by which the nearest of several alternatives is told (kube-openapi's MatchCount). */
  matches: number;
}

/** A value as it was, or undefined where there is nothing to compare with. */
type Old = unknown;

/**
 * Checks a value against its schema; the texts are those of kube-openapi's validator as apiextensions shows them. Given the value as it was, faults of
 * parts that did not change are let pass (ratcheting).
 */
export function validateValue(value: unknown, schema: JsonSchema, old?: unknown, path = ''): FieldError[] {
  return check(value, schema, old, path).errors;
}

function check(value: unknown, schema: JsonSchema, old: Old, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const add = (errors: readonly FieldError[]): void => {
    result.matches += 1;
    result.errors.push(...errors);
  };
  const types = isIntOrString(schema) ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  if (types.length > 0) add(checkType(value, types, schema, path));
  if (value !== null) {
    const junctors = checkJunctors(value, schema, old, path);
    result.matches += 1 + junctors.matches;
    result.errors.push(...junctors.errors);
    if (typeof value === 'string') add(checkString(value, schema, path));
    if (typeof value === 'number') add(validateNumber(value, schema, path));
    if (Array.isArray(value)) merge(result, checkList(value, schema, old, path));
  }
  if (schema.enum !== undefined) add(checkEnum(value, schema.enum, path));
  if (isRecord(value)) merge(result, checkFields(value, schema, old, path));
  if (result.errors.length > 0 && old !== undefined && deepEqual(value, old)) result.errors.length = 0;
  return result;
}

function merge(result: Result, more: Result): void {
  result.matches += 1 + more.matches;
  result.errors.push(...more.errors);
}

function checkType(value: unknown, types: readonly string[], schema: JsonSchema, path: string): FieldError[] {
  const { name, format } = typeOf(value);
  if (value === null) return schema.nullable === true ? [] : [wrongType(path, types.join(','), 'null')];
  const fits = types.includes(name) || (name === 'integer' && types.includes('number'));
  if (fits) return [];
  if (schema.format && STRING_FORMATS[schema.format] && typeof value !== 'string' && !Array.isArray(value)) return [wrongType(path, schema.format, format)];
  return [wrongType(path, types.join(','), name)];
}

function wrongType(path: string, type: string, actual: string): FieldError {
  return typeInvalid(fieldAt(path), actual, `${path} in body must be of type ${type}: ${JSON.stringify(actual)}`);
}

/** The JSON type of a value, and the name under which Go's validator knows its form. */
function typeOf(value: unknown): { readonly name: string; readonly format: string } {
  if (value === null) return { name: 'null', format: 'null' };
  if (Array.isArray(value)) return { name: 'array', format: '' };
  if (typeof value === 'number') return Number.isInteger(value) ? { name: 'integer', format: 'int64' } : { name: 'number', format: 'double' };
  return { name: typeof value, format: '' };
}

function checkString(value: string, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = fieldAt(path);
  const { minLength, maxLength, pattern, format } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(field, maxLength));
  if (minLength !== undefined && length < minLength) errors.push(invalid(field, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern && !goPattern(pattern).test(value)) errors.push(invalid(field, value, `${path} in body should match '${pattern}'`));
  const isFormat = format ? STRING_FORMATS[format] : undefined;
  if (isFormat && !isFormat(value)) errors.push(typeInvalid(field, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
  return errors;
}

function checkEnum(value: unknown, allowed: readonly unknown[], path: string): FieldError[] {
  if (allowed.some((each) => deepEqual(each, value))) return [];
  return [notSupported(fieldAt(path), value, allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))))];
}

function checkList(list: readonly unknown[], schema: JsonSchema, old: Old, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const items = itemsOf(schema);
  if (items) {
    const before = correlate(schema, old);
    for (const [index, item] of list.entries()) result.errors.push(...check(item, items, before(item), `${path}[${index}]`).errors);
  }
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && list.length < minItems) result.errors.push(invalid(fieldAt(path), list.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && list.length > maxItems) result.errors.push(tooMany(fieldAt(path), list.length, maxItems));
  if (schema.uniqueItems === true && new Set(list.map((each) => JSON.stringify(each))).size < list.length) result.errors.push(invalid(fieldAt(path), '', `${path} in body shouldn't contain duplicates`));
  return result;
}

/** Finds the former state of a list's item: by its keys in a `map` list; items of other lists have none. */
function correlate(schema: JsonSchema, old: Old): (item: unknown) => Old {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined;
  const former = new Map(old.map((item: unknown) => [JSON.stringify(mapKeyOf(schema, item)), item]));
  return (item) => former.get(JSON.stringify(mapKeyOf(schema, item)));
}

function checkFields(fields: Fields, schema: JsonSchema, old: Old, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const { minProperties, maxProperties } = schema;
  const names = Object.keys(fields);
  if (minProperties !== undefined && names.length < minProperties) {
    result.errors.push(invalid(fieldAt(path), minProperties, `${path} in body should have at least ${minProperties} properties`));
    return result;
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    result.errors.push(tooMany(fieldAt(path), names.length, maxProperties));
    return result;
  }
  const before = isRecord(old) ? old : undefined;
  const values = valuesOf(schema);
  const forbidsOthers = (schema as { readonly additionalProperties?: unknown }).additionalProperties === false;
  for (const name of names) {
    if (propertyOf(schema, name)) continue;
    if (forbidsOthers) result.errors.push(invalid(fieldAt(path), name, `${path}.${name} in body is a forbidden property`));
    else if (values) add(result, check(fields[name], values, before?.[name], `${path}.${name}`));
  }
  for (const name of schema.required ?? []) if (!Object.hasOwn(fields, name)) result.errors.push(required(fieldAt(`${path}.${name}`)));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(fields, name)) add(result, check(fields[name], property, before?.[name], path === '' ? name : `${path}.${name}`));
  }
  return result;
}

function add(result: Result, more: Result): void {
  result.matches += more.matches;
  result.errors.push(...more.errors);
}

/** `anyOf`, `oneOf`, `allOf` and `not`, in the order in which upstream reports them. */
function checkJunctors(value: unknown, schema: JsonSchema, old: Old, path: string): Result {
  const result: Result = { errors: [], matches: 0 };
  const fail = (text: string): void => void result.errors.push(invalid(NOWHERE, '', `${JSON.stringify(path)} ${text}`));
  const all = (schemas: readonly JsonSchema[] | undefined): Result[] => (schemas ?? []).map((each) => check(value, each, old, path));
  const any = all(schema.anyOf);
  if (any.length > 0 && !any.some(isValid)) {
    fail('must validate at least one schema (anyOf)');
    add(result, nearest(any));
  }
  const one = all(schema.oneOf);
  const valid = one.filter(isValid).length;
  if (one.length > 0 && valid !== 1) {
    fail(`must validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`);
    if (valid === 0) add(result, nearest(one));
  }
  const every = all(schema.allOf);
  for (const each of every) add(result, each);
  const passed = every.filter(isValid).length;
  if (passed < every.length) fail(`must validate all the schemas (allOf)${passed === 0 ? '. None validated' : ''}`);
  if (schema.not && isValid(check(value, schema.not, undefined, path))) fail('must not validate the schema (not)');
  return result;
}

const isValid = ({ errors }: Result): boolean => errors.length === 0;

/** Of the alternatives that failed, the one of which most applied; the first of several. */
function nearest(results: readonly Result[]): Result {
  return results.reduce((best, each) => (each.matches > best.matches ? each : best));
}
