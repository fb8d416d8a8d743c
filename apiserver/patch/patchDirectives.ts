import { isRecord } from '../codec/plainObject.ts';

/** A strategic merge patch that is malformed: 400. */
export class PatchFormatError extends Error {}

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
export const ELEMENT_ORDER = '$setElementOrder/';

/** Texts of `k8s.io/apimachinery/pkg/util/mergepatch`. */
export const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys';
export const BAD_ELEMENT_ORDER = 'invalid patch format of setElementOrder list';
export const BAD_PRIMITIVE_LIST = 'invalid patch format of primitive list';

/** Marks a value that a directive takes out of what is added. */
export const REMOVED = Symbol('removed');

/**
 * What a patch adds where the object had nothing: its values without directives and, in maps, without nulls. `REMOVED` when the value itself is
 * marked for deletion.
 */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isReplaceMarker(item)).map(withoutDirectives).filter((item) => item !== REMOVED);
  if (!isRecord(value)) return value;
  if (value[DIRECTIVE] === 'delete') return REMOVED;
  const result: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === null || isDirectiveKey(key)) continue;
    const kept = withoutDirectives(each);
    // Assigning to `__proto__` would set the prototype instead of a property.
    if (kept !== REMOVED) Object.defineProperty(result, key, { value: kept, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

export function isDirectiveKey(key: string): boolean {
  return key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER);
}

/** An item that says that the list is replaced; what else it says does not count. */
function isReplaceMarker(item: unknown): boolean {
  return isRecord(item) && item[DIRECTIVE] === 'replace';
}

/**
 * Takes away, in place, what `$retainKeys` does not name. Every key that the patch sets must be among them.
 */
export function retainKeys(original: Record<string, unknown>, patch: Readonly<Record<string, unknown>>): void {
  if (!(RETAIN_KEYS in patch)) return;
  const listed = patch[RETAIN_KEYS];
  if (!Array.isArray(listed)) throw new PatchFormatError(BAD_RETAIN_KEYS);
  const retained = new Set<unknown>(listed);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirectiveKey(key) && !retained.has(key)) throw new PatchFormatError(BAD_RETAIN_KEYS);
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}
