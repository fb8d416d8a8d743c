import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa';
import type { OpenedValue, ValueTransformer } from './transformer.ts';
import { isEncrypted } from './transformer.ts';

const TAG_BYTES = 16;
const GCM_NONCE_BYTES = 12;
const BLOCK_BYTES = 16;
const INFO_BYTES = 32;
const SECRETBOX_NONCE_BYTES = 24;
const TOO_SHORT = 'the stored data was shorter than the required size';

/** AES-GCM with a random nonce before the ciphertext; the value is bound to its key in etcd. */
export class AesGcm implements ValueTransformer {
  readonly #key: Buffer;
  readonly #cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

  /** `key` has 16, 24 or 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
    this.#cipher = key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
  }

  fromStorage(value: Buffer, key: string): OpenedValue {
    if (value.length < GCM_NONCE_BYTES + TAG_BYTES) throw new Error(TOO_SHORT);
    const decipher = createDecipheriv(this.#cipher, this.#key, value.subarray(0, GCM_NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(key));
    decipher.setAuthTag(value.subarray(value.length - TAG_BYTES));
    const head = decipher.update(value.subarray(GCM_NONCE_BYTES, value.length - TAG_BYTES));
    return { value: Buffer.concat([head, finish(() => decipher.final(), 'cipher: message authentication failed')]), stale: false };
  }

  toStorage(value: Buffer, key: string): Buffer {
    const nonce = randomBytes(GCM_NONCE_BYTES);
    const cipher = createCipheriv(this.#cipher, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(key));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }
}

/** As many bytes at the end as their value says. */
function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  if (count === 0 || count > padded.length) throw new Error('invalid PKCS7 data (empty or not padded)');
  const { length } = padded;
  if (padded.subarray(length - count).some((byte) => byte !== count)) throw new Error('invalid padding on input');
  return padded.subarray(0, length - count);
}

/** AES-CBC with PKCS#7 padding and a random vector before the ciphertext. */
export class AesCbc implements ValueTransformer {
  readonly #key: Buffer;
  readonly #cipher: string;

  /** `key` has 16, 24 or 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
    this.#cipher = `aes-${key.length * 8}-cbc`;
  }

  fromStorage(value: Buffer): OpenedValue {
    if (value.length < BLOCK_BYTES) throw new Error(TOO_SHORT);
    if (value.length % BLOCK_BYTES !== 0) throw new Error('the stored data is not a multiple of the block size');
    const decipher = createDecipheriv(this.#cipher, this.#key, value.subarray(0, BLOCK_BYTES));
    decipher.setAutoPadding(false);
    return { value: withoutPadding(Buffer.concat([decipher.update(value.subarray(BLOCK_BYTES)), decipher.final()])), stale: false };
  }

  toStorage(value: Buffer): Buffer {
    const vector = randomBytes(BLOCK_BYTES);
    const cipher = createCipheriv(this.#cipher, this.#key, vector);
    return Buffer.concat([vector, cipher.update(value), cipher.final()]);
  }
}

/** NaCl's secretbox: XSalsa20 and Poly1305, with a random nonce before the box. */
export class Secretbox implements ValueTransformer {
  readonly #key: Buffer;

  /** `key` has 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  fromStorage(value: Buffer): OpenedValue {
    if (value.length < SECRETBOX_NONCE_BYTES + TAG_BYTES) throw new Error(TOO_SHORT);
    const box = xsalsa20poly1305(this.#key, value.subarray(0, SECRETBOX_NONCE_BYTES));
    // The text is Kubernetes' own.
    return { value: finish(() => Buffer.from(box.decrypt(value.subarray(SECRETBOX_NONCE_BYTES))), 'output array was not large enough for encryption'), stale: false };
  }

  toStorage(value: Buffer): Buffer {
    const nonce = randomBytes(SECRETBOX_NONCE_BYTES);
    return Buffer.concat([nonce, xsalsa20poly1305(this.#key, nonce).encrypt(value)]);
  }
}

/** AES-GCM with a key of its own for each value, which a seed and 32 random bytes before the value make (HKDF-Expand with SHA-256). */
export class ExtendedNonceGcm implements ValueTransformer {
  readonly #seed: Buffer;

  /** `seed` has at least 32 random bytes. */
  constructor(seed: Buffer) {
    if (seed.length < INFO_BYTES) throw new Error(`invalid seed length ${seed.length} used for key generation`);
    this.#seed = seed;
  }

  fromStorage(value: Buffer, key: string): OpenedValue {
    if (value.length < INFO_BYTES) throw new Error(TOO_SHORT);
    return this.#derived(value.subarray(0, INFO_BYTES)).fromStorage(value.subarray(INFO_BYTES), key);
  }

  toStorage(value: Buffer, key: string): Buffer {
    const info = randomBytes(INFO_BYTES);
    return Buffer.concat([info, this.#derived(info).toStorage(value, key)]);
  }

  /** The first block of HKDF-Expand is all that a key of 32 bytes needs. */
  #derived(info: Buffer): AesGcm {
    return new AesGcm(createHmac('sha256', this.#seed).update(info).update(Buffer.of(1)).digest());
  }
}

/** Kept as it is; refuses what is encrypted. */
export const identity: ValueTransformer = {
  fromStorage(value) {
    if (isEncrypted(value)) throw new Error('identity transformer tried to read encrypted data');
    return { value, stale: false };
  },
  toStorage: (value) => value,
};

/** OpenSSL's reasons say less than Kubernetes' own. */
function finish(run: () => Buffer, failure: string): Buffer {
  try {
    return run();
  } catch (cause) {
    throw new Error(failure, { cause });
  }
}
