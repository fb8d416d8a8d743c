import { member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import type { Duration, Timestamp } from '../values/scalars.ts';
import { dateOf, floorModulo } from '../values/time.ts';
import type { CelValue } from '../values/value.ts';

const DAY_MS = 86_400_000;

/** What a date shows, on the clock of its zone: all of the `getUTC…` methods then tell the local time. */
const PARTS: Readonly<Record<string, (local: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: (date) => Math.floor((date.getTime() - startOfYear(date)) / DAY_MS),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
};

function startOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return start.getTime();
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones that are kept; there are about 600. */
const KEPT = 1_000;

/** Milliseconds by which a zone's clock is ahead of UTC at a moment; undefined for a zone that there is not. */
function offsetOf(zone: string, date: Date): number | undefined {
  const fixed = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  if (zone === '' || zone === 'Local') return 0;
  if (zone.length > 64) return undefined;
  let format = formats.get(zone);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    if (formats.size >= KEPT) formats.clear();
    formats.set(zone, format);
  }
  const shown = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  const local = new Date(0);
  local.setUTCFullYear(shown['year']!, shown['month']! - 1, shown['day']);
  local.setUTCHours(shown['hour']!, shown['minute'], shown['second']);
  return local.getTime() - (date.getTime() - Number(floorModulo(BigInt(date.getTime()), 1000n)));
}

function inZone(timestamp: Timestamp, zone: string, part: (local: Date) => number): CelValue {
  const date = dateOf(timestamp);
  const offset = offsetOf(zone, date);
  return offset === undefined ? new CelError(`unknown time zone ${zone}`) : part(new Date(date.getTime() + offset));
}

const OF_DURATION: Readonly<Record<string, (nanos: bigint) => number>> = {
  getHours: (nanos) => Number(nanos / 3_600_000_000_000n),
  getMinutes: (nanos) => Number(nanos / 60_000_000_000n),
  getSeconds: (nanos) => Number(nanos / 1_000_000_000n),
  getMilliseconds: (nanos) => Number(nanos / 1_000_000n),
};

/** What timestamps and durations tell of themselves, in UTC or in a zone (`Europe/Oslo`, `+01:00`). */
export const TIMES: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    member('timestamp', name, '() -> int', `timestamp_${name}`, (timestamp: Timestamp) => part(dateOf(timestamp))),
    member('timestamp', name, '(string) -> int', `timestamp_${name}_with_tz`, (timestamp: Timestamp, zone: string) => inZone(timestamp, zone, part)),
  ]),
  member('timestamp', 'getMilliseconds', '() -> int', 'timestamp_to_milliseconds', ({ nanos }: Timestamp) => Number(floorModulo(nanos, 1_000_000_000n) / 1_000_000n)),
  member('timestamp', 'getMilliseconds', '(string) -> int', 'timestamp_to_milliseconds_with_tz', ({ nanos }: Timestamp) => Number(floorModulo(nanos, 1_000_000_000n) / 1_000_000n)),
  ...Object.entries(OF_DURATION).map(([name, part]) => member('duration', name, '() -> int', `duration_${name}`, ({ nanos }: Duration) => part(nanos))),
];
