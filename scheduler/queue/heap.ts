/** A binary heap whose items can be found by an id. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #positions = new Map<string, number>();
  readonly #before: (left: T, right: T) => boolean;
  readonly #id: (item: T) => string;

  constructor(id: (item: T) => string, before: (left: T, right: T) => boolean) {
    this.#id = id;
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  get(id: string): T | undefined {
    const at = this.#positions.get(id);
    return at === undefined ? undefined : this.#items[at];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Replaces what has the same id. */
  push(item: T): void {
    const known = this.#positions.get(this.#id(item));
    const at = known ?? this.#items.length;
    this.#place(item, at);
    this.#up(at);
    this.#down(this.#positions.get(this.#id(item))!);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(this.#id(first));
    return first;
  }

  delete(id: string): T | undefined {
    const at = this.#positions.get(id);
    if (at === undefined) return undefined;
    const item = this.#items[at];
    const last = this.#items.pop()!;
    this.#positions.delete(id);
    if (at < this.#items.length) {
      this.#place(last, at);
      this.#up(at);
      this.#down(this.#positions.get(this.#id(last))!);
    }
    return item;
  }

  values(): readonly T[] {
    return this.#items;
  }

  #place(item: T, at: number): void {
    this.#items[at] = item;
    this.#positions.set(this.#id(item), at);
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(this.#items[at]!, this.#items[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#items.length && this.#before(this.#items[child]!, this.#items[least]!)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(left: number, right: number): void {
    const item = this.#items[left]!;
    this.#place(this.#items[right]!, left);
    this.#place(item, right);
  }
}
