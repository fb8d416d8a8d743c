import type { CollectionMeta } from '../table/transform.ts';
import type { ServedResource } from '../registry.ts';
import type { StoredObject } from '../storage/types.ts';
import { bytesFor } from './encodeObject.ts';

/** Bodies are cut into pieces of about this size, so that a long list flows instead of standing in memory twice. */
const PIECE = 256 * 1024;
const COMMA = 0x2c;

/** A list as JSON: its head, the objects' own bytes between commas, its tail. No object is encoded again. */
export function listBody(served: ServedResource, items: readonly StoredObject[], meta: CollectionMeta): Buffer[] {
  const head = Buffer.from(`{"kind":"${served.listKind}","apiVersion":"${served.apiVersion}","metadata":${JSON.stringify(meta)},"items":[`);
  const pieces: Buffer[] = [];
  let parts: Buffer[] = [head];
  let size = head.length;
  const flush = (): void => {
    const piece = Buffer.allocUnsafe(size);
    let at = 0;
    for (const part of parts) {
      // Every object but the first stands behind a comma.
      if (part !== head && !(part === first)) piece[at++] = COMMA;
      at += part.copy(piece, at);
    }
    pieces.push(piece);
    parts = [];
    size = 0;
  };
  let first: Buffer | undefined;
  for (const item of items) {
    const bytes = bytesFor(served, item);
    if (!first) {
      first = bytes;
      size += bytes.length;
    } else {
      size += bytes.length + 1;
    }
    parts.push(bytes);
    if (size >= PIECE) flush();
  }
  if (parts.length > 0) flush();
  pieces.push(Buffer.from(']}\n'));
  return pieces;
}
