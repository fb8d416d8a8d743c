import { createHash, randomBytes } from 'node:crypto';
import { formatTime } from '../../../process/clock.ts';
import type { Clock } from '../../../process/clock.ts';
import { AesGcm, ExtendedNonceGcm } from '../ciphers.ts';
import type { OpenedValue, ValueTransformer } from '../transformer.ts';
import { checkKeyId, checkSource, decodeEncryptedObject, DEK_SEED, encodeEncryptedObject } from './messages.ts';
import type { Annotations, EncryptedObject, KmsStatus } from './messages.ts';
import type { KmsService } from './kmsService.ts';

/** How long the seed may go on being used after the plugin has last said that its key is the present one (`kmsv2PluginWriteDEKSourceMaxTTL`). */
const WRITE_MS = 3 * 60_000;
/** A key that the plugin would not unwrap is not asked for again at once: thousands of values may have it. */
const REFUSAL_MS = 1_000;
/** Seeds that are remembered; about one per start of an API server and change of key. */
const REMEMBERED = 10_000;
const SEED_BYTES = 32;

interface WriteState {
  readonly transformer: ExtendedNonceGcm;
  readonly keyId: string;
  readonly source: Buffer;
  readonly annotations: Annotations;
  /** Wall-clock milliseconds. */
  readonly expires: number;
}

interface Refusal {
  readonly error: Error;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/**
 * Envelope encryption with a KMS plugin (`kmsv2.NewEnvelopeTransformer`). A random seed is wrapped by the plugin once, when its key changes;
 * from the seed comes a key for each value, so that writing asks nobody, and reading asks once for each seed that ever was.
 */
export class KmsTransformer implements ValueTransformer {
  readonly #service: KmsService;
  readonly #clock: Clock;
  readonly #uid: () => string;
  readonly #known = new Map<string, ValueTransformer>();
  readonly #asked = new Map<string, Promise<ValueTransformer>>();
  readonly #refused = new Map<string, Refusal>();
  #state: WriteState | undefined;

  constructor(service: KmsService, clock: Clock, uid: () => string) {
    this.#service = service;
    this.#clock = clock;
    this.#uid = uid;
  }

  fromStorage(value: Buffer, key: string): OpenedValue | Promise<OpenedValue> {
    const object = decodeEncryptedObject(value);
    const id = cacheKey(object);
    const known = this.#known.get(id);
    const open = (transformer: ValueTransformer): OpenedValue => ({ value: (transformer.fromStorage(object.data, key) as OpenedValue).value, stale: this.#isStale(object) });
    return known ? open(known) : this.#unwrap(id, object).then(open);
  }

  toStorage(value: Buffer, key: string): Buffer {
    const state = this.#state;
    if (!state) throw new Error('got unexpected nil transformer');
    const now = this.#clock.now();
    if (now > state.expires) {
      throw new Error(`encryptedDEKSource with keyID hash "sha256:${createHash('sha256').update(state.keyId).digest('hex')}" expired at ${formatTime(state.expires)} (current time is ${formatTime(now)})`);
    }
    return encodeEncryptedObject({ data: state.transformer.toStorage(value, key), keyId: state.keyId, source: state.source, annotations: state.annotations, sourceType: DEK_SEED });
  }

  /** Takes note of what the plugin says of itself: prolongs the seed, or makes another where the plugin's key is another. Rejects where that fails. */
  async follow(status: KmsStatus): Promise<void> {
    checkKeyId(status.keyId);
    if (this.#state?.keyId === status.keyId) {
      this.#state = { ...this.#state, expires: this.#clock.now() + WRITE_MS };
      return;
    }
    const seed = randomBytes(SEED_BYTES);
    const wrapped = await this.#service.encrypt(seed, this.#uid());
    checkSource(wrapped.ciphertext, wrapped.keyId, wrapped.annotations);
    // The key may have changed again in between; the next status says so.
    if (wrapped.keyId !== status.keyId) throw new Error('the key ID of the encrypted DEK is not the one of the status');
    const transformer = new ExtendedNonceGcm(seed);
    this.#state = { transformer, keyId: wrapped.keyId, source: wrapped.ciphertext, annotations: wrapped.annotations, expires: this.#clock.now() + WRITE_MS };
    this.#remember(cacheKey({ ...this.#state, sourceType: DEK_SEED }), transformer);
  }

  #isStale({ keyId, sourceType }: EncryptedObject): boolean {
    return keyId !== this.#state?.keyId || sourceType !== DEK_SEED;
  }

  /** Those who come for the same seed at once share one question. */
  #unwrap(id: string, object: EncryptedObject): Promise<ValueTransformer> {
    const refused = this.#refused.get(id);
    if (refused && refused.until > this.#clock.monotonic()) return Promise.reject(refused.error);
    let asked = this.#asked.get(id);
    if (!asked) {
      asked = this.#ask(id, object).finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return asked;
  }

  async #ask(id: string, { source, keyId, annotations, sourceType }: EncryptedObject): Promise<ValueTransformer> {
    try {
      const key = await this.#service.decrypt(source, this.#uid(), keyId, annotations);
      const transformer = sourceType === DEK_SEED ? new ExtendedNonceGcm(key) : new AesGcm(key);
      this.#refused.delete(id);
      this.#remember(id, transformer);
      return transformer;
    } catch (cause) {
      const error = new Error(`failed to decrypt DEK, error: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      if (this.#refused.size >= REMEMBERED) this.#refused.clear();
      this.#refused.set(id, { error, until: this.#clock.monotonic() + REFUSAL_MS });
      throw error;
    }
  }

  #remember(id: string, transformer: ValueTransformer): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(id, transformer);
  }
}

function cacheKey({ source, keyId, annotations, sourceType }: Pick<EncryptedObject, 'source' | 'keyId' | 'annotations' | 'sourceType'>): string {
  const notes = Object.keys(annotations).toSorted().map((name) => [name, annotations[name]!.toString('base64')]);
  return JSON.stringify([sourceType, source.toString('base64'), keyId, notes]);
}
