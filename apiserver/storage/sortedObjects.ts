import type { StoredObject } from './types.ts';

/**
 * Objects in key order.
 * 1. A snapshot, once given out, never changes; the next change copies, and only then.
 * 2. Appending in order, as a list from etcd does, costs nothing extra.
 */
export class SortedObjects {
  #items: StoredObject[] = [];
  #shared = false;

  get size(): number {
    return this.#items.length;
  }

  snapshot(): readonly StoredObject[] {
    this.#shared = true;
    return this.#items;
  }

  put(stored: StoredObject): void {
    const items = this.#own();
    const last = items.at(-1);
    if (!last || last.key < stored.key) {
      items.push(stored);
      return;
    }
    const at = this.#find(stored.key);
    if (items[at]?.key === stored.key) items[at] = stored;
    else items.splice(at, 0, stored);
  }

  delete(key: string): void {
    const at = this.#find(key);
    if (this.#items[at]?.key === key) this.#own().splice(at, 1);
  }

  #own(): StoredObject[] {
    if (this.#shared) {
      this.#items = this.#items.slice();
      this.#shared = false;
    }
    return this.#items;
  }

  /** Where the key is, or where it belongs. */
  #find(key: string): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#items[middle];
      if (at && at.key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
