const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };
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
  return text.startsWith('-') ? -size : size;
}

/** Milliseconds as Go writes a duration: `1h0m0s`, `1m30s`, `500ms`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatGoDuration(-milliseconds)}`;
  if (milliseconds !== 0 && milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
