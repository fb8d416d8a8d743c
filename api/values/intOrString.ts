/** A number, or a percentage such as `25%` (`intstr.IntOrString`). */
export type IntOrString = number | string;

/** Whether the text is `N%`. */
export function isPercent(value: IntOrString): value is string {
  return typeof value === 'string' && /^[0-9]+%$/.test(value);
}

/** The number, or the percentage of `total`, rounded up or down; undefined when the text is no percentage. */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number | undefined {
  if (typeof value === 'number') return value;
  if (!isPercent(value)) return undefined;
  const scaled = (Number(value.slice(0, -1)) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}
