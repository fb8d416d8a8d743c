import type { KubeObject } from '../../api/meta.ts';
import { internalError } from '../../api/apiError.ts';
import { isEncrypted } from '../encryption/transformer.ts';
import { OWN_PREFIX } from './keys.ts';
import { storedBytes } from './storedBytes.ts';
import type { StoredObject } from './types.ts';

/** The form in which a value of our own bookkeeping (`putValue`) is handed out. */
export interface ValueObject extends KubeObject {
  readonly value: unknown;
}

/** Only the metadata of the object itself can match: before it come two short strings, in which quotes are escaped. */
const METADATA = Buffer.from('"metadata":{');
const VERSION_START = '"resourceVersion":"';
const CLOSING_BRACE = 0x7d;
const LINE_BREAK = 0x0a;

/** The JSON that etcd keeps: without `resourceVersion`, and with metadata third, where `withVersion` finds it. */
export function encodeObject(object: KubeObject): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: { ...metadata, resourceVersion: undefined }, ...rest }));
}

/** The bytes that clients get, a line, from those that etcd keeps; undefined where they are no object's. */
export function withVersion(value: Buffer, resourceVersion: string): Buffer | undefined {
  const found = value.indexOf(METADATA);
  if (found < 0) return undefined;
  const at = found + METADATA.length;
  return splice(value, at, at, `${VERSION_START}${resourceVersion}"${value[at] === CLOSING_BRACE ? '' : ','}`);
}

/** With a text in place of some bytes, as a line. */
function splice(value: Buffer, from: number, to: number, text: string): Buffer {
  const isLine = value[value.length - 1] === LINE_BREAK;
  const result = storedBytes(from + text.length + value.length - to + (isLine ? 0 : 1));
  value.copy(result, 0, 0, from);
  result.write(text, from, 'latin1');
  value.copy(result, from + text.length, to);
  if (!isLine) result[result.length - 1] = LINE_BREAK;
  return result;
}

/** An object as bytes; it is parsed when somebody looks into it, which for most versions of most objects is never. */
export class EncodedObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly bytes: Buffer;
  #object: KubeObject | undefined;

  constructor(key: string, revision: number, bytes: Buffer) {
    this.key = key;
    this.revision = revision;
    this.bytes = bytes;
  }

  get object(): KubeObject {
    this.#object ??= JSON.parse(this.bytes.toString()) as KubeObject;
    return this.#object;
  }
}

/** What etcd holds under a key at a mod revision. Throws `internalError` where it is not an object's JSON. */
export function decodeStored(key: string, value: Buffer, revision: number, resourceVersion: string): StoredObject {
  if (key.startsWith(OWN_PREFIX)) return decodeValue(key, value, revision, resourceVersion);
  const bytes = withVersion(value, resourceVersion);
  if (!bytes && isEncrypted(value)) throw internalError(`unable to transform key ${JSON.stringify(key)}: identity transformer tried to read encrypted data`);
  if (!bytes) throw internalError(`the value of ${key} in etcd is not an object`);
  return new EncodedObject(key, revision, bytes);
}

function decodeValue(key: string, value: Buffer, revision: number, resourceVersion: string): StoredObject {
  const object: ValueObject = { apiVersion: '', kind: '', metadata: { name: key, uid: '', resourceVersion, creationTimestamp: '' }, value: JSON.parse(value.toString()) };
  return { key, object, revision, bytes: storedCopy(value) };
}

function storedCopy(value: Buffer): Buffer {
  const copy = storedBytes(value.length);
  value.copy(copy);
  return copy;
}

/** The same object under a later version: a deleted object bears the version of its deletion. */
export function atVersion(stored: StoredObject, revision: number, resourceVersion: string): StoredObject {
  const from = stored.bytes.indexOf(METADATA) + METADATA.length + VERSION_START.length;
  if (from < METADATA.length + VERSION_START.length || stored.key.startsWith(OWN_PREFIX)) return stored;
  const to = stored.bytes.indexOf('"', from);
  return new EncodedObject(stored.key, revision, splice(stored.bytes, from, to, resourceVersion));
}
