/** Go's layout of `time.RFC3339`, as refusals show it. */
const LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** The parts of the layout in order, each with what a text must have there, and the field that it sets with its bounds. */
const PARTS: readonly { readonly layout: string; readonly form: RegExp; readonly field?: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'; readonly bounds?: readonly [number, number] }[] = [
  { layout: '2006', form: /^\d{4}/, field: 'year' },
  { layout: '-', form: /^-/ },
  { layout: '01', form: /^\d{2}/, field: 'month', bounds: [1, 12] },
  { layout: '-', form: /^-/ },
  { layout: '02', form: /^\d{2}/, field: 'day' },
  { layout: 'T', form: /^T/ },
  // Go takes an hour of one digit, too.
  { layout: '15', form: /^\d{1,2}/, field: 'hour', bounds: [0, 23] },
  { layout: ':', form: /^:/ },
  { layout: '04', form: /^\d{2}/, field: 'minute', bounds: [0, 59] },
  { layout: ':', form: /^:/ },
  { layout: '05', form: /^\d{2}/, field: 'second', bounds: [0, 59] },
];
const FRACTION = /^[.,]\d+/;
const MICRO_FRACTION = /^[.,]\d{6}/;
const ZONE = /^(?:Z|([+-])(\d{2}):(\d{2}))/;

/** A time is not RFC 3339; the message is that of Go's `time.Parse`. */
export class TimeError extends Error {}

/** An RFC 3339 time with any zone as Kubernetes writes it: whole seconds, UTC. Throws `TimeError`. */
export function canonicalTime(text: string): string {
  return `${utc(text, LAYOUT, false).seconds}Z`;
}

/** A `metav1.MicroTime` with any zone, in UTC with six decimals. Throws `TimeError`. */
export function canonicalMicroTime(text: string): string {
  const { seconds, fraction } = utc(text, MICRO_LAYOUT, true);
  return `${seconds}.${fraction}Z`;
}

function utc(text: string, layout: string, micro: boolean): { readonly seconds: string; readonly fraction: string } {
  let rest = text;
  const refuse = (why: string): TimeError => new TimeError(`parsing time ${JSON.stringify(text)}: ${why}`);
  const take = (form: RegExp, part: string): RegExpExecArray => {
    const match = form.exec(rest);
    if (!match) throw new TimeError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`);
    rest = rest.slice(match[0].length);
    return match;
  };
  const at = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { layout: part, form, field, bounds } of PARTS) {
    const found = Number(take(form, part)[0]);
    if (field) at[field] = found;
    if (bounds && (found < bounds[0] || found > bounds[1])) throw refuse(`${field} out of range`);
  }
  const fraction = micro ? take(MICRO_FRACTION, '.000000')[0].slice(1) : '';
  if (!micro) rest = rest.replace(FRACTION, '');
  const [, sign, hours = '0', minutes = '0'] = take(ZONE, 'Z07:00');
  if (Number(hours) > 24) throw refuse('time zone offset hour out of range');
  if (Number(minutes) > 60) throw refuse('time zone offset minute out of range');
  if (rest !== '') throw refuse(`extra text: ${JSON.stringify(rest)}`);
  if (at.day < 1 || at.day > new Date(dayStart(at.year, at.month, 0)).getUTCDate()) throw refuse('day out of range');
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const moment = new Date(dayStart(at.year, at.month - 1, at.day) + ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 - offset);
  const year = moment.getUTCFullYear();
  return { seconds: `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}${moment.toISOString().slice(-20, -5)}`, fraction };
}

/** `Date.UTC`, which takes the first hundred years for others. */
const dayStart = (year: number, month: number, day: number): number => new Date(0).setUTCFullYear(year, month, day);
