interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (outcome: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Work on many things at a time that must be done one after another for the same key: whatever comes for a key while it is being worked
 * on is done together, as soon as that is over. Keys do not wait for each other.
 */
export class Batches<I, O> {
  readonly #work: (key: string, items: readonly I[]) => Promise<readonly O[]>;
  /** What waits, by key; a key that is here is being worked on. */
  readonly #waiting = new Map<string, Waiting<I, O>[]>();

  /** `work` gives the outcome of each item, in their order; when it rejects, all of them do. */
  constructor(work: (key: string, items: readonly I[]) => Promise<readonly O[]>) {
    this.#work = work;
  }

  add(key: string, item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.push({ item, resolve, reject });
      else {
        this.#waiting.set(key, []);
        void this.#run(key, [{ item, resolve, reject }]);
      }
    });
  }

  /** Whether more has come for a key that is being worked on. */
  hasMore(key: string): boolean {
    return (this.#waiting.get(key) ?? []).length > 0;
  }

  async #run(key: string, first: readonly Waiting<I, O>[]): Promise<void> {
    for (let batch = first; batch.length > 0; ) {
      try {
        const outcomes = await this.#work(key, batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      batch = this.#waiting.get(key) ?? [];
      if (batch.length > 0) this.#waiting.set(key, []);
    }
    this.#waiting.delete(key);
  }
}
