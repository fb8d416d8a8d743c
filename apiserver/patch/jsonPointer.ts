import { isRecord } from '../codec/plainObject.ts';

/** The operation cannot be carried out on this document. */
export class PatchError extends Error {}

/** A value is not the one that the patch tests for. */
export class PatchTestError extends PatchError {}

/** The parts of an RFC 6901 pointer, unescaped; `''` is the whole document. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PatchError(`invalid path: ${pointer}`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path; throws `PatchError` where it leads nowhere. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce((value, part) => memberOf(value, part, path), document);
}

/** Whether there is a value at a path. */
export function existsAt(document: unknown, path: readonly string[]): boolean {
  let value = document;
  for (const part of path) {
    if (Array.isArray(value)) {
      const index = indexOf(part, value.length);
      if (index === undefined || index >= value.length) return false;
      value = value[index] as unknown;
    } else if (isRecord(value) && Object.hasOwn(value, part)) {
      value = value[part];
    } else {
      return false;
    }
  }
  return true;
}

/** Adds a value: inserts it into an array (`-` appends), sets a member of an object. Returns the document. */
export function addAt(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : indexOf(last, parent.length + 1);
    if (index === undefined || index > parent.length) throw missing(path);
    parent.splice(index, 0, value);
  } else {
    setMember(parent, last, value);
  }
  return document;
}

/** Puts a value in the place of one that exists. Returns the document. */
export function replaceAt(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const { parent, last } = parentOf(document, path);
  memberOf(parent, last, path);
  if (Array.isArray(parent)) parent[indexOf(last, parent.length)!] = value;
  else setMember(parent, last, value);
  return document;
}

/** Takes out what is at a path; throws `PatchError` where nothing is. */
export function removeAt(document: unknown, path: readonly string[]): void {
  if (path.length === 0) throw new PatchError('the whole document cannot be removed');
  const { parent, last } = parentOf(document, path);
  memberOf(parent, last, path);
  if (Array.isArray(parent)) parent.splice(indexOf(last, parent.length)!, 1);
  else delete parent[last];
}

function parentOf(document: unknown, path: readonly string[]): { parent: unknown[] | Record<string, unknown>; last: string } {
  const parent = valueAt(document, path.slice(0, -1));
  if (!Array.isArray(parent) && !isRecord(parent)) throw missing(path);
  return { parent, last: path.at(-1)! };
}

function memberOf(value: unknown, part: string, path: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const index = indexOf(part, value.length);
    if (index === undefined || index >= value.length) throw missing(path);
    return value[index];
  }
  if (!isRecord(value) || !Object.hasOwn(value, part)) throw missing(path);
  return value[part];
}

/** Negative indexes count from the end, as in the library that Kubernetes uses. */
function indexOf(part: string, length: number): number | undefined {
  if (!/^-?(?:0|[1-9]\d*)$/.test(part)) return undefined;
  const index = Number(part);
  const actual = index < 0 ? index + length : index;
  return actual < 0 ? undefined : actual;
}

function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') throw new PatchError('the key "__proto__" is not supported');
  object[key] = value;
}

function missing(path: readonly string[]): PatchError {
  return new PatchError(`doc is missing path: /${path.join('/')}`);
}

