/** How a quantity was written, and so how it is written again. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount in billionths (the finest that `resource.Quantity` knows). */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

export const ZERO_QUANTITY: Quantity = { nanos: 0n, format: 'DecimalSI' };

const NANO = 1_000_000_000n;
const MILLI = 1_000_000n;
/** Kubernetes caps what it reads with a binary suffix at the largest 64 bit integer. */
const MAXIMUM = (2n ** 63n - 1n) * NANO;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_SUFFIX: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIX: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Longer texts are not read: no amount that Kubernetes can hold needs them, and their arithmetic would take seconds. */
const LONGEST_TEXT = 1_000;
/** Longer texts are not remembered. */
const LONGEST_REMEMBERED = 32;

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;
const EXPONENT = /^[eE][+-]?\d{1,4}$/;

/** The text of `resource.ErrFormatWrong`, which a refusal shows. */
export const QUANTITY_FORMAT_MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** What a refusal says of a text that is no quantity: its form is another one, or only its suffix (`resource.ErrSuffix`) or its digits are (`ErrNumeric`). */
export function quantityFault(text: string): string {
  if (text === '' || text.length > LONGEST_TEXT || !FORM.test(text)) return QUANTITY_FORMAT_MESSAGE;
  return partsOf(text) ? 'unable to parse numeric part of quantity' : "unable to parse quantity's suffix";
}

interface Reading {
  readonly quantity: Quantity;
  readonly canonical: string;
}

const readings = new Map<string, Reading>();
const CACHE_LIMIT = 4096;

/** Reads `500m`, `1.5Gi`, `1e3` or a JSON number; undefined when it is no quantity. Finer than a billionth is rounded up. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  return readingOf(String(text))?.quantity;
}

function readingOf(text: string): Reading | undefined {
  const known = readings.get(text);
  if (known) return known;
  const parts = partsOf(text);
  if (!parts || isOutOfReach(parts)) return undefined;
  const quantity = quantityFrom(parts);
  const reading = { quantity, canonical: isKept(parts) ? text : formatQuantity(quantity) };
  if (text.length > LONGEST_REMEMBERED) return reading;
  if (readings.size >= CACHE_LIMIT) readings.clear();
  readings.set(text, reading);
  return reading;
}

/** As `tryParseQuantity`; throws where the text is no quantity, for values that were validated before. */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new RangeError(`${QUANTITY_FORMAT_MESSAGE}: ${text}`);
  return quantity;
}

/** What cannot be read counts as nothing: for sums over objects that validation has not seen yet, and will refuse. */
export function quantityOrZero(text: string | number | undefined): Quantity {
  return (text === undefined ? undefined : tryParseQuantity(text)) ?? ZERO_QUANTITY;
}

interface Parts {
  readonly isNegative: boolean;
  /** Without zeros in front. */
  readonly whole: string;
  readonly fraction: string;
  readonly format: QuantityFormat;
  /** Of two for `BinarySI`, else of ten. */
  readonly exponent: number;
  /** It has no digits at all, which reads as 0. */
  readonly isBare: boolean;
}

function partsOf(text: string): Parts | undefined {
  const match = text === '' || text.length > LONGEST_TEXT ? null : FORM.exec(text);
  if (!match) return undefined;
  const [, sign, digits = '', fraction = '', suffix = ''] = match;
  const common = { isNegative: sign === '-', whole: digits.replace(/^0+/, '') || '0', fraction, isBare: digits === '' && fraction === '' };
  if (Object.hasOwn(BINARY, suffix)) return { ...common, format: 'BinarySI', exponent: BINARY[suffix]! };
  if (Object.hasOwn(DECIMAL, suffix)) return { ...common, format: 'DecimalSI', exponent: DECIMAL[suffix]! };
  return EXPONENT.test(suffix) ? { ...common, format: 'DecimalExponent', exponent: Number(suffix.slice(1)) } : undefined;
}

function quantityFrom(parts: Parts): Quantity {
  const { isNegative, whole, fraction, exponent } = parts;
  const number = BigInt(whole + fraction);
  const isBinary = parts.format === 'BinarySI';
  let nanos = scaleUp(isBinary ? number << BigInt(exponent) : number, 9 + (isBinary ? 0 : exponent) - fraction.length);
  if (isBinary && nanos > MAXIMUM) nanos = MAXIMUM;
  const format = isBinary && nanos > 0n && nanos < NANO ? 'DecimalSI' : parts.format;
  return { nanos: isNegative ? -nanos : nanos, format };
}

/** Digits that certainly fit into 64 bits. */
const DIGITS = 18;
const BINARY_DIGITS = 14;

/** No digits read as 0 only where 64 bits hold any digit with that suffix. */
const isOutOfReach = ({ isBare, format, exponent }: Parts): boolean => isBare && (format === 'BinarySI' ? exponent >= 50 : exponent < -9);

/** Whether a text is kept as it was sent: where Kubernetes takes it for canonical, which it does for some (`+5`, `5.`, `1E3`) that it does not write itself. */
function isKept({ whole, fraction, format, exponent }: Parts): boolean {
  if (format === 'BinarySI') return fraction === '' && whole.length + Math.trunc((exponent * 3) / 10) <= BINARY_DIGITS && (BigInt(whole) & 7n) !== 0n;
  const digits = whole + fraction;
  const scale = exponent - fraction.length;
  return digits.length <= DIGITS && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

/** number * 10^exponent, rounded away from zero. */
function scaleUp(number: bigint, exponent: number): bigint {
  if (number === 0n) return 0n;
  if (exponent > 64) return MAXIMUM;
  if (exponent >= 0) return number * 10n ** BigInt(exponent);
  return ceilingDivide(number, 10n ** BigInt(-exponent));
}

function ceilingDivide(number: bigint, divisor: bigint): bigint {
  const quotient = number / divisor;
  if (quotient * divisor === number) return quotient;
  return number > 0n ? quotient + 1n : quotient - 1n;
}

/** The canonical form: no fraction, the largest suffix that fits; `1000m` is `1`, `1024Mi` is `1Gi`. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const isSmall = nanos < 1024n * NANO && nanos > -1024n * NANO;
  if (format === 'BinarySI' && !isSmall && nanos % NANO === 0n) {
    let units = nanos / NANO;
    let power = 0;
    while (power < 6 && units % 1024n === 0n) {
      units /= 1024n;
      power++;
    }
    return `${units}${BINARY_SUFFIX[power]}`;
  }
  let mantissa = nanos;
  let exponent = -9;
  const largest = format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : 18;
  while (mantissa % 1000n === 0n && exponent < largest) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${DECIMAL_SUFFIX[exponent / 3 + 3]}`;
}

/** Negative, 0 or positive, as for `sort`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum, in the format of the first unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The difference, in the format of the first unless that is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return a.nanos < b.nanos ? b : a;
}

/** In whole units, rounded up (`Quantity.Value`). */
export function quantityValue(quantity: Quantity): number {
  return Number(ceilingDivide(quantity.nanos, NANO));
}

/** In thousandths, rounded up (`Quantity.MilliValue`). */
export function milliValue(quantity: Quantity): number {
  return Number(ceilingDivide(quantity.nanos, MILLI));
}

/** As a floating point number, for ratios. */
export function quantityAsNumber(quantity: Quantity): number {
  return Number(quantity.nanos) / 1e9;
}

/** From whole units. */
export function quantityOf(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.trunc(value)) * NANO, format };
}

/** From thousandths. */
export function milliQuantityOf(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.trunc(value)) * MILLI, format };
}

/** The canonical text of what can be read, and the text itself of what cannot, for validation to refuse. */
export function canonicalQuantity(text: string | number): string {
  return readingOf(String(text))?.canonical ?? String(text);
}

/** Whether two texts mean the same amount. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  if (a === b) return true;
  const first = tryParseQuantity(a);
  const second = tryParseQuantity(b);
  return first !== undefined && second !== undefined && first.nanos === second.nanos;
}
