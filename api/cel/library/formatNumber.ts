const DECIMALS = 6;
/** JavaScript writes no more decimals, and a double has few more that are its own. */
const MOST_DECIMALS = 100;
const RAISED: Readonly<Record<string, string>> = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };
/** A narrow space that does not break. */
const SPACE = '\u202F';
/** JavaScript writes numbers from here on with an exponent. */
const LARGE = 1e21;

function special(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
}

/** As cel-go's `%f` shows a number: in American English, with commas between thousands. */
export function fixedPoint(value: number, precision = DECIMALS): string {
  if (!Number.isFinite(value)) return special(value);
  const digits = Math.abs(value) < LARGE ? value.toFixed(Math.min(precision, MOST_DECIMALS)) : `${BigInt(value)}${precision === 0 ? '' : `.${'0'.repeat(precision)}`}`;
  const [whole = '', fraction] = digits.split('.');
  const sign = Object.is(value, -0) ? '-' : '';
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction.padEnd(precision, '0')}`}`;
}

/** As cel-go's `%e` shows a number: `1.052033 × 10⁰³`. A precision is a width to it, and changes nothing. */
export function scientific(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  const [digits = '', power = ''] = value.toExponential(DECIMALS).split('e');
  const exponent = `${power.startsWith('-') ? '-' : ''}${power.slice(1).padStart(2, '0')}`;
  return `${Object.is(value, -0) ? '-' : ''}${digits}${SPACE}×${SPACE}10${Array.from(exponent, (each) => RAISED[each]).join('')}`;
}
