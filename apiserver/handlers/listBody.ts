import type { CollectionMeta } from '../table/transform.ts';
import type { ServedResource } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import type { ApiResponse } from '../types.ts';
import { bytesFor } from './encodeObject.ts';
import { JSON_TYPE, jsonBytes } from './respond.ts';

/** Longer bodies are put together as they are sent: to copy 100 MB keeps everybody else waiting, and takes 100 MB. */
const FLOWING = 4 * 1024 * 1024;
/** Bodies are cut into pieces of about this size, so that a long list flows instead of standing in memory twice. */
const PIECE = 256 * 1024;
const COMMA = 0x2c;

/** Answers with a list as JSON. */
export function listAnswer(served: ServedResource, items: readonly StoredObject[], meta: CollectionMeta): ApiResponse {
  const head = headOf(served, meta);
  let length = head.length + TAIL.length + Math.max(0, items.length - 1);
  for (const item of items) length += bytesFor(served, item).length;
  if (length <= FLOWING) return jsonBytes(200, listBody(served, items, meta));
  return { status: 200, headers: { 'content-type': JSON_TYPE, 'content-length': String(length) }, body: flowing(served, items, head) };
}

/** A list as JSON: its head, the objects' own bytes between commas, its tail. No object is encoded again. */
export function listBody(served: ServedResource, items: readonly StoredObject[], meta: CollectionMeta): Buffer[] {
  return [...piecesOf(served, items, headOf(served, meta))];
}

// A stream takes a piece when the one before has been sent.
// oxlint-disable-next-line typescript/require-await
async function* flowing(served: ServedResource, items: readonly StoredObject[], head: Buffer): AsyncGenerator<Buffer> {
  yield* piecesOf(served, items, head);
}

const TAIL = Buffer.from(']}\n');

/** Lists of custom resources have a `continue` also where it is empty. */
const headOf = ({ listKind, apiVersion, definition }: ServedResource, meta: CollectionMeta): Buffer =>
  Buffer.from(`{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(definition.custom ? { continue: '', ...meta } : meta)},"items":[`);

function* piecesOf(served: ServedResource, items: readonly StoredObject[], head: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [head];
  let size = head.length;
  let first: Buffer | undefined;
  const joined = (): Buffer => {
    const piece = Buffer.allocUnsafe(size);
    let at = 0;
    for (const part of parts) {
      // Every object but the first stands behind a comma.
      if (part !== head && !(part === first)) piece[at++] = COMMA;
      at += part.copy(piece, at);
    }
    parts = [];
    size = 0;
    return piece;
  };
  for (const item of items) {
    const bytes = bytesFor(served, item);
    size += bytes.length + (first ? 1 : 0);
    first ??= bytes;
    parts.push(bytes);
    if (size >= PIECE) yield joined();
  }
  if (parts.length > 0) yield joined();
  yield TAIL;
}
