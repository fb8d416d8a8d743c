import { isEncrypted } from './transformer.ts';
import type { OpenedValue, ValueTransformer } from './transformer.ts';

/** One way of encrypting, and how its values begin. */
export interface PrefixedTransformer {
  /** Empty for what is not encrypted. */
  readonly prefix: Buffer;
  readonly transformer: ValueTransformer;
}

/**
 * Several ways (`value.NewPrefixTransformers`): the first writes; a value is read by the first whose prefix it has and that can.
 * `unknown` is the error of a value that begins otherwise.
 */
export class PrefixedTransformers implements ValueTransformer {
  readonly #choices: readonly PrefixedTransformer[];
  readonly #unknown: string;

  constructor(choices: readonly PrefixedTransformer[], unknown: string) {
    this.#choices = choices;
    this.#unknown = unknown;
  }

  fromStorage(value: Buffer, key: string): OpenedValue | Promise<OpenedValue> {
    return this.#open(value, key, 0, []);
  }

  toStorage(value: Buffer, key: string): Buffer | Promise<Buffer> {
    const { prefix, transformer } = this.#choices[0]!;
    const written = transformer.toStorage(value, key);
    if (written instanceof Promise) return written.then((bytes) => Buffer.concat([prefix, bytes]));
    return prefix.length === 0 ? written : Buffer.concat([prefix, written]);
  }

  #open(value: Buffer, key: string, from: number, faults: string[]): OpenedValue | Promise<OpenedValue> {
    for (let at = from; at < this.#choices.length; at += 1) {
      const { prefix, transformer } = this.#choices[at]!;
      if (value.compare(prefix, 0, prefix.length, 0, Math.min(prefix.length, value.length)) !== 0) continue;
      // What is kept in plain may come first while encryption is being turned off.
      if (prefix.length === 0 && isEncrypted(value)) continue;
      const failed = (error: unknown): void => void faults.push(error instanceof Error ? error.message : String(error));
      try {
        const opened = transformer.fromStorage(value.subarray(prefix.length), key);
        if (!(opened instanceof Promise)) return staleUnlessFirst(opened, at);
        return opened.then(
          (result) => staleUnlessFirst(result, at),
          (error: unknown) => {
            failed(error);
            return this.#open(value, key, at + 1, faults);
          },
        );
      } catch (error) {
        failed(error);
      }
    }
    if (faults.length === 0) throw new Error(this.#unknown);
    const distinct = [...new Set(faults)];
    throw new Error(distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`);
  }
}

function staleUnlessFirst(opened: OpenedValue, at: number): OpenedValue {
  return at === 0 || opened.stale ? opened : { value: opened.value, stale: true };
}
