/** A size or a cost, from the least to the most; what reaches `UNCOUNTABLE` is without bounds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What 64 bits cannot hold. */
export const UNCOUNTABLE = 2 ** 64;

export const NOTHING: Range = { min: 0, max: 0 };
export const UNKNOWN: Range = { min: 0, max: UNCOUNTABLE };
export const fixed = (value: number): Range => ({ min: value, max: value });

const counted = (value: number): number => Math.min(value, UNCOUNTABLE);

export const add = (...ranges: readonly Range[]): Range => ranges.reduce((sum, each) => ({ min: counted(sum.min + each.min), max: counted(sum.max + each.max) }), NOTHING);
export const times = (a: Range, b: Range): Range => ({ min: counted(a.min * b.min), max: counted(a.max * b.max) });
export const scale = (range: Range, factor: number): Range => ({ min: counted(Math.ceil(range.min * factor)), max: counted(Math.ceil(range.max * factor)) });
export const union = (...ranges: readonly Range[]): Range => ({ min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) });
