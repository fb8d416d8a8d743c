import { CostExceeded } from './celError.ts';
import { CelList } from './list.ts';
import { CelMap } from './map.ts';
import { OpaqueValue } from './opaque.ts';
import { Bytes } from './scalars.ts';
import type { CelValue } from './value.ts';

/** Longer texts are remembered with their length, as counting them takes time that `size()` does not cost. */
const LONG = 256;
const KEPT = 64;
const lengths = new Map<string, number>();

/** Characters (code points) of a text. */
export function codePoints(text: string): number {
  if (text.length > LONG) {
    const known = lengths.get(text);
    if (known !== undefined) return known;
  }
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  if (text.length > LONG) {
    if (lengths.size >= KEPT) lengths.clear();
    lengths.set(text, count);
  }
  return count;
}

/** What `size()` gives, and what costs are reckoned by: 1 for what has no size. */
export function sizeOf(value: CelValue | undefined): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof CelList || value instanceof CelMap || value instanceof OpaqueValue) return value.size;
  return value instanceof Bytes ? value.value.length : 1;
}

/** As `sizeOf`, for costs, where a text need not be counted exactly. */
export function roughSize(value: CelValue | undefined): number {
  return typeof value === 'string' ? value.length : sizeOf(value);
}

/** Characters of a text for which half of what a call may cost would be spent; a request has fewer. */
const LONGEST_TEXT = 5_000_000;

/** Throws `CostExceeded` before a text is made that is longer than could be paid for. */
export function checkLength(characters: number): void {
  if (characters > LONGEST_TEXT) throw new CostExceeded();
}

/** What looking at all of a value costs (upstream's `traversalCost`): texts and bytes by their length, 1 for anything else; what lists and maps hold. Of what is nested in very large values not all is counted. */
export function traversalCost(value: CelValue): number {
  return new Traversal().cost(value, 0);
}

/** Lists and maps beyond that many values are not looked into. */
const MOST_VALUES = 20_000;
const DEEPEST = 1_000;
const PER_CHARACTER = 0.1;

class Traversal {
  #values = 0;

  cost(value: CelValue, depth: number): number {
    this.#values += 1;
    if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * PER_CHARACTER);
    if (value instanceof Bytes) return Math.floor(value.value.length * PER_CHARACTER);
    if (depth > DEEPEST) throw new CostExceeded();
    if (value instanceof CelList) return depth > 0 && this.#values > MOST_VALUES ? value.size : this.#list(value, depth);
    if (value instanceof CelMap) return this.#values > MOST_VALUES ? value.size : this.#map(value, depth);
    return 1;
  }

  #list(list: CelList, depth: number): number {
    let sum = 0;
    for (let index = 0; index < list.size; index += 1) sum += this.cost(list.at(index), depth + 1);
    return sum;
  }

  #map(map: CelMap, depth: number): number {
    let sum = 0;
    for (const key of map.keys()) {
      if (this.#values > MOST_VALUES) break;
      sum += this.cost(key, depth + 1) + this.cost(map.get(key)!, depth + 1);
    }
    return sum;
  }
}
