const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };
/** In a millisecond. */
const NANOSECONDS = 1e6;
/** Go's durations are whole nanoseconds in 64 bits. */
const LONGEST = 2 ** 63 / NANOSECONDS;
/** What is shorter than a second is shown in these. */
const SMALL_UNITS = [{ name: 'ns', size: 1 }, { name: 'µs', size: 1e3 }, { name: 'ms', size: 1e6 }] as const;
const PART = /(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/y;

/** A Go duration (`1m30s`, `-500ms`) in milliseconds, or what Go's `time.ParseDuration` says of a text that is none. */
export function readGoDuration(text: string): number | string {
  const invalid = `time: invalid duration ${JSON.stringify(text)}`;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0;
  if (body === '') return invalid;
  let size = 0;
  for (PART.lastIndex = 0; PART.lastIndex < body.length; ) {
    const [, count, unit = ''] = PART.exec(body) ?? [];
    if (count === undefined) return invalid;
    if (unit === '') return `time: missing unit in duration ${JSON.stringify(text)}`;
    const unitSize = Object.hasOwn(UNIT_MS, unit) ? UNIT_MS[unit] : undefined;
    if (unitSize === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
    size += Number(count) * unitSize;
  }
  if (size > LONGEST) return invalid;
  return text.startsWith('-') ? -size : size;
}

/** Milliseconds as Go writes a duration: `1h0m0s`, `1m30s`, `500ms`, `1.5µs`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatGoDuration(-milliseconds)}`;
  const nanoseconds = Math.round(milliseconds * NANOSECONDS);
  const unit = nanoseconds === 0 ? undefined : SMALL_UNITS.find(({ size }) => nanoseconds < 1000 * size);
  if (unit) return `${nanoseconds / unit.size}${unit.name}`;
  const seconds = `${(nanoseconds % 60e9) / 1e9}s`;
  const minutes = Math.floor(nanoseconds / 60e9);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
