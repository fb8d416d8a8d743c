import { isRecord } from '../../api/values/isRecord.ts';
import { setField } from '../../api/values/ownField.ts';

/** The operation cannot be carried out on this document. */
export class PatchError extends Error {}

/** A value is not the one that the patch tests for. */
export class PatchTestError extends PatchError {}

/** Where a path ends: what holds it, and its last step. */
export interface Place {
  readonly holder: unknown[] | Record<string, unknown>;
  readonly key: string;
}

/** As the library that Kubernetes takes: a missing value says so at the end of every message. */
export const missing = (message: string): PatchError => new PatchError(`${message}: missing value`);

const invalidIndex = (index: number): PatchError => new PatchError(`Unable to access invalid index: ${index}: invalid index referenced`);

/**
 * What holds the value of a path, which need not have it; undefined where the path leads nowhere. The library that Kubernetes takes looks at
 * what stands behind the first `/` only, and has no place for the whole document.
 */
export function placeOf(document: unknown, path: string): Place | undefined {
  const steps = path.split('/').slice(1).map(unescaped);
  const key = steps.pop();
  if (key === undefined) return undefined;
  let holder = document;
  for (const step of steps) {
    if (Array.isArray(holder)) {
      const index = indexOf(step, holder.length);
      holder = index === undefined || !(index in holder) ? undefined : (holder[index] as unknown);
    } else {
      holder = isRecord(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined;
    }
  }
  return Array.isArray(holder) || isRecord(holder) ? { holder, key } : undefined;
}

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** The value of a place; undefined for a field that is not there. Throws `PatchError` for an item that is not there. */
export function valueOf({ holder, key }: Place): unknown {
  if (Array.isArray(holder)) return holder[existing(holder, key)];
  return Object.hasOwn(holder, key) ? holder[key] : undefined;
}

/** Inserts an item into an array (`-` appends), or sets a field. */
export function add({ holder, key }: Place, value: unknown): void {
  if (!Array.isArray(holder)) {
    setField(holder, key, value);
    return;
  }
  const index = key === '-' ? holder.length : parsedIndex(key);
  if (index === undefined) throw new PatchError(`value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const size = holder.length + 1;
  if (index >= size || index < -size) throw invalidIndex(index);
  holder.splice(index < 0 ? index + size : index, 0, value);
}

/** Whether something may be put in this place: a field in any case, an item where one is. */
export function mayReplace({ holder, key }: Place): boolean {
  const index = Array.isArray(holder) ? indexOf(key, holder.length) : 0;
  return index !== undefined && index >= 0 && (!Array.isArray(holder) || index < holder.length);
}

/** Puts a value in the place of another; a field need not have been there. */
export function replace({ holder, key }: Place, value: unknown): void {
  if (Array.isArray(holder)) holder[existing(holder, key)] = value;
  else setField(holder, key, value);
}

/** Takes out what is at a place; throws `PatchError` where nothing is. */
export function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) {
    holder.splice(existing(holder, key), 1);
    return;
  }
  if (!Object.hasOwn(holder, key)) throw missing(`Unable to remove nonexistent key: ${key}`);
  delete holder[key];
}

/** The index of an item that is there. */
function existing(items: readonly unknown[], key: string): number {
  const index = parsedIndex(key);
  if (index === undefined) throw new PatchError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const actual = index < 0 ? index + items.length : index;
  if (actual < 0 || actual >= items.length) throw invalidIndex(index);
  return actual;
}

/** Negative indexes count from the end. */
function indexOf(key: string, length: number): number | undefined {
  const index = parsedIndex(key);
  return index !== undefined && index < 0 ? index + length : index;
}

const parsedIndex = (key: string): number | undefined => (/^[+-]?\d{1,15}$/.test(key) ? Number(key) : undefined);
