import { Double, Uint } from './scalars.ts';
import type { CelValue } from './value.ts';

/** A key or an index as error messages show it. */
export function showKey(value: CelValue): string {
  if (value instanceof Double) return showDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  return typeof value === 'object' ? (value === null ? 'null' : 'object') : String(value);
}

/** From this exponent on, `%g` writes one. */
const LEAST_LARGE = 6;

/** A floating point number as Go's `%g` writes it: the shortest digits, very small and from a million on with an exponent (`1e+06`). */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < LEAST_LARGE) return String(value);
  return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}
