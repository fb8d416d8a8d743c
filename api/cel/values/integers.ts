export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;
export const UINT_MAX = 2n ** 64n - 1n;

/** An `int` in its one form: a number while it is a safe integer, else a bigint; undefined outside of 64 bits. */
export function integerOf(value: bigint): number | bigint | undefined {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return value >= INT_MIN && value <= INT_MAX ? value : undefined;
}
