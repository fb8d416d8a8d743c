import type { KubeObject } from '../../api/meta.ts';
import { internalError } from '../../api/apiError.ts';
import { definitionInV1, V1BETA1_DEFINITION, type V1beta1Definition } from '../../api/customResources/storedDefinition.ts';
import { isEncrypted } from '../encryption/transformer.ts';
import { OWN_PREFIX, REGISTRY } from './keys.ts';
import { storedBytes } from './storedBytes.ts';
import type { StoredObject } from './types.ts';

/** The form in which a value of our own bookkeeping (`putValue`) is handed out. */
export interface ValueObject extends KubeObject {
  readonly value: unknown;
}

const DEFINITIONS = `${REGISTRY}apiextensions.k8s.io/customresourcedefinitions/`;
/** In which the version of an object is told. */
const LONGEST_HEAD = 100;
const METADATA = Buffer.from('"metadata":{');
const VERSION_START = '"resourceVersion":"';
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const LINE_BREAK = 0x0a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The JSON that etcd keeps: without `resourceVersion`, and with metadata third, where `withVersion` finds it. */
export function encodeObject(object: KubeObject): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: { ...metadata, resourceVersion: undefined }, ...rest }));
}

/**
 * Where the fields of an object's own metadata begin. Gantry writes nothing but two short strings before them; Kubernetes writes the fields of custom resources in the order of their
 * names, so that others may come first, which may have such a field themselves.
 */
function metadataOf(value: Buffer): number | undefined {
  const at = value.indexOf(METADATA) + METADATA.length;
  if (at < METADATA.length) return undefined;
  return value.indexOf(OPENING_BRACE, 1) === at - 1 ? at : metadataAmongFields(value);
}

function metadataAmongFields(value: Buffer): number | undefined {
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    const byte = value[at];
    if (byte === OPENING_BRACE || byte === OPENING_BRACKET) depth++;
    else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth--;
    else if (byte === QUOTE) {
      const end = at + METADATA.length;
      if (depth === 1 && value.compare(METADATA, 0, METADATA.length, at, Math.min(end, value.length)) === 0) return end;
      for (at++; at < value.length && value[at] !== QUOTE; at++) if (value[at] === BACKSLASH) at++;
    }
  }
  return undefined;
}

/** The bytes that clients get, a line, from those that etcd keeps; undefined where they are no object's. */
export function withVersion(value: Buffer, resourceVersion: string): Buffer | undefined {
  const at = metadataOf(value);
  if (at === undefined) return undefined;
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

/** What Gantry would have written: Kubernetes keeps definitions of custom resources in a version that it serves no more. */
function asWritten(key: string, value: Buffer): Buffer {
  if (key.startsWith(DEFINITIONS) && value.subarray(0, LONGEST_HEAD).includes(`"${V1BETA1_DEFINITION}"`)) return encodeObject(definitionInV1(JSON.parse(value.toString()) as V1beta1Definition));
  return value;
}

/** What etcd holds under a key at a mod revision. Throws `internalError` where it is not an object's JSON. */
export function decodeStored(key: string, value: Buffer, revision: number, resourceVersion: string): StoredObject {
  if (key.startsWith(OWN_PREFIX)) return decodeValue(key, value, revision, resourceVersion);
  const bytes = withVersion(asWritten(key, value), resourceVersion);
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
  const metadata = stored.key.startsWith(OWN_PREFIX) ? undefined : metadataOf(stored.bytes);
  if (metadata === undefined) return stored;
  const from = metadata + VERSION_START.length;
  const to = stored.bytes.indexOf('"', from);
  return new EncodedObject(stored.key, revision, splice(stored.bytes, from, to, resourceVersion));
}
