import type { KubeObject } from '../../api/meta.ts';
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
  const frame = frameOf(served, meta);
  let length = frame.head.length + frame.tail.length + Math.max(0, items.length - 1);
  for (const item of items) length += bytesFor(served, item).length - 1;
  if (length <= FLOWING) return jsonBytes(200, listBody(served, items, meta));
  return { status: 200, headers: { 'content-type': JSON_TYPE, 'content-length': String(length) }, body: flowing(served, items, frame) };
}

/** A list that is encoded as a whole. */
export function listObject({ definition: { custom }, listKind: kind, apiVersion }: ServedResource, items: readonly KubeObject[], meta: CollectionMeta): object {
  return custom ? { apiVersion, items, kind, metadata: customMeta(meta) } : { kind, apiVersion, metadata: meta, items };
}

/** Kubernetes prints lists of custom resources from maps: by the names' order, and with a continue token that may be empty. */
function customMeta({ continue: token = '', ...others }: CollectionMeta): CollectionMeta {
  return { continue: token, ...others.remainingItemCount === undefined ? {} : { remainingItemCount: others.remainingItemCount }, resourceVersion: others.resourceVersion ?? '' };
}

/** A list as JSON: its head, the objects' own bytes between commas, its tail. No object is encoded again. */
export function listBody(served: ServedResource, items: readonly StoredObject[], meta: CollectionMeta): Buffer[] {
  return [...piecesOf(served, items, frameOf(served, meta))];
}

// A stream takes a piece when the one before has been sent.
// oxlint-disable-next-line typescript/require-await
async function* flowing(served: ServedResource, items: readonly StoredObject[], frame: Frame): AsyncGenerator<Buffer> {
  yield* piecesOf(served, items, frame);
}

/** What stands around the objects. */
interface Frame {
  readonly head: Buffer;
  readonly tail: Buffer;
}

function frameOf(served: ServedResource, meta: CollectionMeta): Frame {
  const text = JSON.stringify(listObject(served, [], meta));
  // A kind, a version and numbers stand before it, in none of which a quote can be.
  const at = text.indexOf(NO_ITEMS) + NO_ITEMS.length - 1;
  return { head: Buffer.from(text.slice(0, at)), tail: Buffer.from(`${text.slice(at)}\n`) };
}

const NO_ITEMS = '"items":[]';

function* piecesOf(served: ServedResource, items: readonly StoredObject[], { head, tail }: Frame): Generator<Buffer> {
  let parts: Buffer[] = [head];
  let size = head.length;
  let first: Buffer | undefined;
  const joined = (): Buffer => {
    const piece = Buffer.allocUnsafe(size);
    let at = 0;
    for (const part of parts) {
      // Every object but the first stands behind a comma.
      if (part !== head && part !== first) piece[at++] = COMMA;
      // Without its line break.
      at += part.copy(piece, at, 0, part === head ? part.length : part.length - 1);
    }
    parts = [];
    size = 0;
    return piece;
  };
  for (const item of items) {
    const bytes = bytesFor(served, item);
    size += bytes.length - (first ? 0 : 1);
    first ??= bytes;
    parts.push(bytes);
    if (size >= PIECE) yield joined();
  }
  if (parts.length > 0) yield joined();
  yield tail;
}
