import { isRecord } from '../../api/values/isRecord.ts';
import { setField } from '../../api/values/ownField.ts';
import { goPlain, goType } from '../../api/values/goPrint.ts';
import { withoutNulls } from './withoutNulls.ts';

/** A strategic merge patch that is malformed: 400. */
export class PatchFormatError extends Error {}

/** A strategic merge patch that cannot be merged into this object: Kubernetes answers 500 with the bare message. */
export class MergeError extends Error {}

type Fields = Record<string, unknown>;

export const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

/** Marks a value that a directive takes out of what is added. */
export const REMOVED = Symbol('removed');

/** `unknown patch type: frob in map: map[$patch:frob]`. */
export const badPatchType = (directive: unknown, patch: Fields): MergeError => new MergeError(`unknown patch type: ${goString(directive)} in map: ${goPlain(patch)}`);

export const badType = (actual: unknown, expected = '[]interface {}'): MergeError => new MergeError(`expected a ${expected}, but received a ${actual === null || actual === undefined ? '%!s(<nil>)' : goType(actual)}`);

/** The field of the list that a directive's name ends with; undefined where the key is no such directive. */
export const deletesFrom = (key: string): string | undefined => listOf(key, DELETE_FROM_LIST, 'invalid patch format of primitive list');
export const ordersList = (key: string): string | undefined => listOf(key, ELEMENT_ORDER, 'invalid patch format of setElementOrder list');

function listOf(key: string, directive: string, fault: string): string | undefined {
  if (!key.startsWith(directive)) return undefined;
  const slash = key.indexOf('/');
  if (slash !== directive.length) throw new PatchFormatError(fault);
  return key.slice(slash + 1);
}

/** What a patch adds where the object had nothing: neither nulls nor what bears a `$patch`. `REMOVED` when the value itself bears one. */
export const addedValue = (value: unknown): unknown => withoutMarked(withoutNulls(value));

/** A value without the maps that bear a `$patch`; other directives stay, as fields that nobody knows (upstream's `removeDirectives`). */
export function withoutMarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarked).filter((item) => item !== REMOVED);
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return REMOVED;
  const result: Fields = {};
  for (const [key, each] of Object.entries(value)) {
    const kept = withoutMarked(each);
    if (kept !== REMOVED) setField(result, key, kept);
  }
  return result;
}

/** The merge key's value of an item. */
export function keyIn(item: unknown, mergeKey: string): unknown {
  if (!isRecord(item)) throw badType(item, 'map[string]interface {}');
  if (!Object.hasOwn(item, mergeKey)) throw new MergeError(`map: ${goPlain(item)} does not contain declared merge key: ${mergeKey}`);
  return item[mergeKey];
}

/**
 * Takes away, in place, what `$retainKeys` does not name, and the directive itself. Every key that the patch sets must be among them.
 */
export function retainKeys(original: Fields, patch: Fields): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const listed = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  const fault = 'invalid patch format of retainKeys';
  if (!Array.isArray(listed)) throw new PatchFormatError(fault);
  const retained = new Set<unknown>(listed);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !key.startsWith(DELETE_FROM_LIST) && !key.startsWith(ELEMENT_ORDER) && !retained.has(key)) throw new PatchFormatError(fault);
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

/** Go's `%s` of a JSON value. */
function goString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '%!s(<nil>)';
  return typeof value === 'object' ? goPlain(value) : `%!s(${goType(value)}=${goPlain(value)})`;
}
