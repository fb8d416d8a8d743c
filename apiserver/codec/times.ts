/** Go's layout of `time.RFC3339`, as refusals show it. */
const LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** The parts of the layout in order, each with what a text must have there. */
const PARTS: readonly { readonly layout: string; readonly form: RegExp }[] = [
  { layout: '2006', form: /^\d{4}/ },
  { layout: '-', form: /^-/ },
  { layout: '01', form: /^\d{2}/ },
  { layout: '-', form: /^-/ },
  { layout: '02', form: /^\d{2}/ },
  { layout: 'T', form: /^T/ },
  { layout: '15', form: /^\d{2}/ },
  { layout: ':', form: /^:/ },
  { layout: '04', form: /^\d{2}/ },
  { layout: ':', form: /^:/ },
  { layout: '05', form: /^\d{2}/ },
];
const FRACTION = /^[.,]\d+/;
const MICRO_FRACTION = /^[.,]\d{6}/;
const ZONE = /^(?:Z|[+-]\d{2}:\d{2})/;

/** A time is not RFC 3339; the message is that of Go's `time.Parse`. */
export class TimeError extends Error {}

/** An RFC 3339 time with any zone as Kubernetes writes it: whole seconds, UTC. Throws `TimeError`. */
export function canonicalTime(text: string): string {
  return `${utc(text, LAYOUT, false).slice(0, 19)}Z`;
}

/** A `metav1.MicroTime` with any zone, in UTC with six decimals. Throws `TimeError`. */
export function canonicalMicroTime(text: string): string {
  const seconds = utc(text, MICRO_LAYOUT, true).slice(0, 19);
  return `${seconds}.${/\.(\d{6})/.exec(text)?.[1] ?? '000000'}Z`;
}

function utc(text: string, layout: string, micro: boolean): string {
  let rest = text;
  const take = (form: RegExp, part: string): void => {
    const match = form.exec(rest);
    if (!match) throw new TimeError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`);
    rest = rest.slice(match[0].length);
  };
  for (const part of PARTS) take(part.form, part.layout);
  if (micro) take(MICRO_FRACTION, '.000000');
  else rest = rest.replace(FRACTION, '');
  take(ZONE, 'Z07:00');
  if (rest !== '') throw new TimeError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`);
  const out = outOfRange(text);
  if (out) throw new TimeError(`parsing time ${JSON.stringify(text)}: ${out} out of range`);
  return new Date(text.replace(',', '.').replace(/\.\d+/, '')).toISOString();
}

function outOfRange(text: string): string | undefined {
  const number = (start: number): number => Number(text.slice(start, start + 2));
  const [month, day] = [number(5), number(8)];
  if (month < 1 || month > 12) return 'month';
  if (number(11) > 23) return 'hour';
  if (number(14) > 59) return 'minute';
  if (number(17) > 59) return 'second';
  const days = new Date(Date.UTC(Number(text.slice(0, 4)), month, 0)).getUTCDate();
  return day < 1 || day > days ? 'day' : undefined;
}
