import { isTimeZone } from './timeZone.ts';

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Minute, hour, day of the month, month, day of the week (Sunday is 0 and never 7). */
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
/** What Go takes for a zone beyond the names of the database. */
const ZONES_OF_PARSER = ['', 'Local'];
const GO_DURATION = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** What is wrong with a schedule, in the words of the parser that Kubernetes uses (`cron.ParseStandard` of robfig/cron); undefined for a good one. */
export function scheduleError(text: string): string | undefined {
  const zone = /^(?:CRON_)?TZ=(\S*)(?:\s+|$)/.exec(text);
  if (zone && !ZONES_OF_PARSER.includes(zone[1]!) && !isTimeZone(zone[1]!)) return `provided bad location ${zone[1]}: unknown time zone ${zone[1]}`;
  const schedule = zone ? text.slice(zone[0].length) : text;
  if (schedule.startsWith('@')) return descriptorError(schedule);
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return `expected exactly ${FIELDS.length} fields, found ${schedule.trim() === '' ? 0 : parts.length}: [${parts.join(' ')}]`;
  for (const [index, bounds] of FIELDS.entries()) {
    for (const range of (parts[index] ?? '').split(',').filter((each) => each !== '')) {
      const error = rangeError(range, bounds);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

function descriptorError(schedule: string): string | undefined {
  const EVERY = '@every ';
  if (DESCRIPTORS.includes(schedule)) return undefined;
  if (!schedule.startsWith(EVERY)) return `unrecognized descriptor: ${schedule}`;
  const duration = schedule.slice(EVERY.length);
  return GO_DURATION.test(duration) ? undefined : `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`;
}

function rangeError(range: string, { min, max, names }: Bounds): string | undefined {
  const [limits = '', stepText, ...moreSteps] = range.split('/');
  const [lowText = '', highText, ...moreLimits] = limits.split('-');
  let [low, high] = [min, max];
  if (lowText !== '*' && lowText !== '?') {
    const from = parse(lowText, names, min);
    if (typeof from === 'string') return from;
    if (moreLimits.length > 0) return `too many hyphens: ${range}`;
    const to = highText === undefined ? from : parse(highText, names, min);
    if (typeof to === 'string') return to;
    // `N/step` goes on to the end.
    [low, high] = [from, highText === undefined && stepText !== undefined ? max : to];
  }
  if (moreSteps.length > 0) return `too many slashes: ${range}`;
  const step = stepText === undefined ? 1 : parse(stepText, [], 0);
  if (typeof step === 'string') return step;
  if (low < min) return `beginning of range (${low}) below minimum (${min}): ${range}`;
  if (high > max) return `end of range (${high}) above maximum (${max}): ${range}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

/** The number, or what is wrong with the text. */
function parse(text: string, names: readonly string[], first: number): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + first;
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
