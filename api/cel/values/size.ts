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

/** Characters of a text for which a whole budget would be spent. */
const LONGEST_TEXT = 10_000_000;

/** Throws `CostExceeded` before a text is made that is longer than could be paid for. */
export function checkLength(characters: number): void {
  if (characters > LONGEST_TEXT) throw new CostExceeded();
}
