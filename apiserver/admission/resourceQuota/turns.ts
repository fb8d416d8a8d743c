/** Lets those who want the same thing have it one after another, in the order in which they came; who wants another thing does not wait. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all that came before for this key is over, however it ended. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    let finish: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#last.set(key, mine);
    await before;
    try {
      return await work();
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
      finish();
    }
  }

  /** Whether nobody has or waits for this. */
  isFree(key: string): boolean {
    return !this.#last.has(key);
  }
}
