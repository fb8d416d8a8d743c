import type { CelValue } from './value.ts';

/** A list; elements of JSON become values when they are asked for. */
export class CelList {
  readonly #items: readonly unknown[];
  readonly #convert: ((item: unknown) => CelValue) | undefined;

  /** Without `convert` the items are values already. */
  constructor(items: readonly unknown[], convert?: (item: unknown) => CelValue) {
    this.#items = items;
    this.#convert = convert;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The element at a valid index. */
  at(index: number): CelValue {
    const item = this.#items[index];
    return this.#convert ? this.#convert(item) : (item as CelValue);
  }

  *[Symbol.iterator](): IterableIterator<CelValue> {
    for (let index = 0; index < this.size; index += 1) yield this.at(index);
  }

  /** These elements in the order in which they are compared with those of another list with as many; undefined where that cannot be equal. Counts what it looks at. */
  inOrderOf(_other: CelList, _looked: { elements: number }): CelList | undefined {
    return this;
  }

  /** This list and then another. */
  concat(other: CelList): CelList {
    return this.size === 0 ? other : other.size === 0 ? this : new CelList(this.toArray().concat(other.toArray()));
  }

  /** All elements as an array of their own. */
  toArray(): CelValue[] {
    return this.#convert ? this.#items.map(this.#convert) : (this.#items.slice() as CelValue[]);
  }
}

export const EMPTY_LIST = new CelList([]);
