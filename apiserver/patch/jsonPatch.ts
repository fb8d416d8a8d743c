import { deepCopy } from '../../api/values/deepCopy.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { MAX_DEPTH } from '../codec/parseBody.ts';
import { add, mayReplace, missing, PatchError, PatchTestError, placeOf, remove, replace, valueOf, type Place } from './jsonPointer.ts';
import { atOnce } from '../inTurns.ts';

/** Copies may not blow an object up beyond this, in bytes of JSON: `copy` applied to itself doubles it each time. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  /** Undefined where it is no text. */
  readonly path: string | undefined;
  readonly from: string | undefined;
  /** Undefined where the operation has none, or has null: the library that Kubernetes takes does not tell them apart. */
  readonly value: unknown;
}

/**
 * Applies an RFC 6902 patch to a copy of the document, as the library that Kubernetes takes does: `replace` may set a field that was not there,
 * `add` without a value sets null, `copy` of an absent field sets null, and only `replace` and `test` know the whole document.
 * Throws `PatchError` where an operation does not apply or a test fails.
 */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  return atOnce(applyJsonPatchInSteps(document, operations));
}

/** Operations of one step: each may move a list of half a million items. */
const STEP = 50;

/** As `applyJsonPatch`; yields between its steps. */
export function* applyJsonPatchInSteps(document: unknown, operations: readonly unknown[]): Generator<void, unknown> {
  const patching = new Patching(deepCopy(document));
  for (const [index, each] of operations.entries()) {
    patching.apply(readOperation(each));
    if (index % STEP === STEP - 1) yield;
  }
  if (isDeeper(patching.document, MAX_DEPTH)) throw new PatchError('exceeded max depth');
  return patching.document;
}

class Patching {
  document: unknown;
  #copied = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  apply(operation: Operation): void {
    switch (operation.op) {
      case 'add':
        this.#add(operation);
        return;
      case 'remove':
        this.#remove(operation);
        return;
      case 'replace':
        this.#replace(operation);
        return;
      case 'move':
        this.#move(operation);
        return;
      case 'copy':
        this.#copy(operation);
        return;
      case 'test':
        this.#test(operation);
        return;
      default:
        throw new PatchError(`Unexpected kind: ${operation.op}`);
    }
  }

  #place(path: string, otherwise: string): Place {
    const place = placeOf(this.document, path);
    if (!place) throw missing(otherwise);
    return place;
  }

  #add(operation: Operation): void {
    const path = pathOf(operation);
    const { value } = operation;
    const place = this.#place(path, `add operation does not apply: doc is missing path: "${path}"`);
    inContext(`error in add for path: '${path}'`, () => add(place, copyOf(value)));
  }

  #remove(operation: Operation): void {
    const path = pathOf(operation);
    const place = this.#place(path, `remove operation does not apply: doc is missing path: "${path}"`);
    inContext(`error in remove for path: '${path}'`, () => remove(place));
  }

  #replace(operation: Operation): void {
    const path = pathOf(operation);
    const { value } = operation;
    if (path !== '') {
      const place = this.#place(path, `replace operation does not apply: doc is missing path: ${path}`);
      if (!mayReplace(place)) throw missing(`replace operation does not apply: doc is missing key: ${path}`);
      replace(place, copyOf(value));
      return;
    }
    if (!isRecord(value) && !Array.isArray(value)) throw new PatchError('replace operation value must be object or array');
    this.document = deepCopy(value);
  }

  #move(operation: Operation): void {
    const { from } = operation;
    const source = this.#place(fromOf(from, 'move'), `move operation does not apply: doc is missing from path: ${from}`);
    const value = inContext(`error in move for path: '${source.key}'`, () => {
      const found = valueOf(source);
      remove(source);
      return found;
    });
    const path = pathOf(operation);
    const target = this.#place(path, `move operation does not apply: doc is missing destination path: ${path}`);
    inContext(`error in move for path: '${path}'`, () => add(target, value));
  }

  #copy(operation: Operation): void {
    const { from } = operation;
    const source = this.#place(fromOf(from, 'copy'), `copy operation does not apply: doc is missing from path: ${from}`);
    const value = inContext(`error in copy for from: '${from}'`, () => valueOf(source));
    const path = pathOf(operation);
    const target = this.#place(path, `copy operation does not apply: doc is missing destination path: ${path}`);
    if (isDeeper(value, MAX_DEPTH)) throw new PatchError('exceeded max depth');
    this.#copied += JSON.stringify(value ?? null).length;
    if (this.#copied > MAX_COPIED_BYTES) throw new PatchError(`Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${MAX_COPIED_BYTES}`);
    inContext('error while adding value during copy', () => add(target, copyOf(value)));
  }

  #test(operation: Operation): void {
    const path = pathOf(operation);
    const { value } = operation;
    const place = path === '' ? undefined : this.#place(path, `test operation does not apply: is missing path: ${path}`);
    const found = place ? inContext(`error in test for path: '${path}'`, () => valueOf(place)) : this.document;
    if (!deepEqual(found ?? null, value ?? null)) throw new PatchTestError(`testing value ${path} failed: test failed`);
  }
}

/** Says with what is wrong at a place what was to be done there. */
function inContext<T>(context: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof PatchError) throw new PatchError(`${context}: ${error.message}`);
    throw error;
  }
}

/** An own copy; null where there is nothing. */
const copyOf = (value: unknown): unknown => (value === undefined ? null : deepCopy(value));

/** Whether a value nests deeper than this; everything behind a patch may recurse, and operations can stack what no body may have. */
function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : [])).filter((each) => typeof each === 'object' && each !== null);
  }
  return false;
}

function readOperation(operation: unknown): Operation {
  if (!isRecord(operation)) throw new PatchError('Unexpected kind: unknown');
  const { op, path, from, value } = operation;
  return { op: typeof op === 'string' ? op : 'unknown', path: textOf(path), from: textOf(from), value: value ?? undefined };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function pathOf({ op, path }: Operation): string {
  if (path === undefined) throw missing(`${op} operation failed to decode path${['replace', 'move', 'test'].includes(op) ? ': operation missing path field' : ''}`);
  return path;
}

function fromOf(from: string | undefined, op: string): string {
  if (from === undefined) throw missing(`${op} operation failed to decode from: operation, missing from field`);
  return from;
}
