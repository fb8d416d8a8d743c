/** A size or a cost, from the least to the most; what passes 2^64 is without bounds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const NOTHING: Range = { min: 0, max: 0 };
export const UNKNOWN: Range = { min: 0, max: Number.POSITIVE_INFINITY };
export const fixed = (value: number): Range => ({ min: value, max: value });

export const add = (...ranges: readonly Range[]): Range => ranges.reduce((sum, each) => ({ min: sum.min + each.min, max: sum.max + each.max }), NOTHING);

/** 0 times something without bounds is 0. */
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
export const times = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) });
export const scale = (range: Range, factor: number): Range => ({ min: Math.ceil(range.min * factor), max: Math.ceil(range.max * factor) });
export const union = (...ranges: readonly Range[]): Range => ({ min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) });
