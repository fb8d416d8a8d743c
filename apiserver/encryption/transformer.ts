/** A value as it was before it was encrypted. */
export interface OpenedValue {
  readonly value: Buffer;
  /** It would be written otherwise now: with another key or another provider. */
  readonly stale: boolean;
}

/** Makes of an object's bytes what etcd keeps, and back; `key` is the etcd key, to which some ciphers bind the value. Throws where it cannot. */
export interface ValueTransformer {
  fromStorage(value: Buffer, key: string): OpenedValue | Promise<OpenedValue>;
  toStorage(value: Buffer, key: string): Buffer | Promise<Buffer>;
}

/** What the storage asks of the encryption at rest. */
export interface StoredValues {
  /** Undefined for what is kept as it is. */
  of(key: string): ValueTransformer | undefined;
}

/** With this begins every value that Kubernetes encrypts. */
export const ENCRYPTED_PREFIX = Buffer.from('k8s:enc:');

export function isEncrypted(value: Buffer): boolean {
  return value.length >= ENCRYPTED_PREFIX.length && value.compare(ENCRYPTED_PREFIX, 0, ENCRYPTED_PREFIX.length, 0, ENCRYPTED_PREFIX.length) === 0;
}
