import { Double, Uint } from './scalars.ts';
import type { CelValue } from './value.ts';

/** A key or an index as error messages show it. */
export function showKey(value: CelValue): string {
  if (value instanceof Double) return showDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  return typeof value === 'object' ? (value === null ? 'null' : 'object') : String(value);
}

/** A floating point number as Go's `strconv.FormatFloat(x, 'g', -1, 64)` writes it. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  if (exponent >= -4 && exponent < 21) return value.toString().includes('e') ? value.toFixed(Math.max(0, decimals(value))) : value.toString();
  const [digits, power] = value.toExponential().split('e') as [string, string];
  return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}

function decimals(value: number): number {
  const [digits, power] = value.toExponential().split('e') as [string, string];
  return digits.replace(/^-?\d\.?/, '').length - Number(power);
}
