import { deepCopy } from '../../api/values/deepCopy.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { MAX_DEPTH } from '../codec/parseBody.ts';
import { PatchError, PatchTestError, addAt, existsAt, parsePointer, removeAt, replaceAt, valueAt } from './jsonPointer.ts';

/** Copies may not blow an object up beyond this, in bytes of JSON: `copy` applied to itself doubles it each time. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  readonly value: unknown;
  readonly hasValue: boolean;
}

/** Applies an RFC 6902 patch to a copy of the document. Throws `PatchError` where an operation does not apply or a test fails. */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  let result = deepCopy(document);
  let copied = 0;
  for (const each of operations) {
    const operation = readOperation(each);
    if (operation.op === 'copy') {
      const source = valueAt(result, parsePointer(operation.from ?? ''));
      if (isDeeper(source, MAX_DEPTH)) throw new PatchError('exceeded max depth');
      copied += JSON.stringify(source).length;
      if (copied > MAX_COPIED_BYTES) throw new PatchError(`unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${MAX_COPIED_BYTES}`);
    }
    result = applyOperation(result, operation);
  }
  if (isDeeper(result, MAX_DEPTH)) throw new PatchError('exceeded max depth');
  return result;
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return addAt(document, path, valueOf(operation));
    case 'replace':
      return replaceAt(document, path, valueOf(operation));
    case 'remove':
      removeAt(document, path);
      return document;
    case 'move': {
      const from = fromOf(operation);
      const value = valueAt(document, from);
      removeAt(document, from);
      return addAt(document, path, value);
    }
    case 'copy':
      return addAt(document, path, deepCopy(valueAt(document, fromOf(operation))));
    case 'test':
      if (!deepEqual(existsAt(document, path) ? valueAt(document, path) : null, operation.value ?? null)) throw new PatchTestError(`testing value ${operation.path} failed`);
      return document;
    default:
      throw new PatchError(`Unexpected kind: ${operation.op}`);
  }
}

/** Whether a value nests deeper than this; everything behind a patch may recurse, and operations can stack what no body may have. */
function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : [])).filter((each) => typeof each === 'object' && each !== null);
  }
  return false;
}

function readOperation(value: unknown): Operation {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PatchError('an operation must be an object');
  const { op, path, from, value: operand } = value as Record<string, unknown>;
  if (typeof op !== 'string') throw new PatchError('operation missing op field');
  if (typeof path !== 'string') throw new PatchError('operation missing path field');
  if (from !== undefined && typeof from !== 'string') throw new PatchError('operation has a from field that is no string');
  return { op, path, from, value: operand, hasValue: operand !== undefined };
}

function valueOf(operation: Operation): unknown {
  if (!operation.hasValue) throw new PatchError('operation missing value field');
  return deepCopy(operation.value);
}

function fromOf(operation: Operation): string[] {
  if (operation.from === undefined) throw new PatchError('operation missing from field');
  return parsePointer(operation.from);
}
