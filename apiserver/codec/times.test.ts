import { canonicalMicroTime, canonicalTime } from './times.ts';

test.each([
  ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59Z'],
  ['2026-02-28T23:59:59.999999999-08:00', '2026-03-01T07:59:59Z'],
  ['2026-02-28T3:04:05,5+01:30', '2026-02-28T01:34:05Z'],
  ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00Z'],
  ['9999-12-31T23:00:00-02:00', '10000-01-01T01:00:00Z'],
  ['2026-01-01T00:00:00+24:00', '2025-12-31T00:00:00Z'],
])('the time %s is %s', (text, canonical) => {
  expect(canonicalTime(text)).toBe(canonical);
});

test.each([
  ['2026-13-1t', 'parsing time "2026-13-1t": month out of range'],
  ['2026-02-29T10:00:60Z', 'parsing time "2026-02-29T10:00:60Z": second out of range'],
  ['2026-02-29T10:00:00Z', 'parsing time "2026-02-29T10:00:00Z": day out of range'],
  ['2026-02-28T24:00:00Z', 'parsing time "2026-02-28T24:00:00Z": hour out of range'],
  ['2026-02-28T10:00:00+25:00', 'parsing time "2026-02-28T10:00:00+25:00": time zone offset hour out of range'],
  ['2026-02-28T10:00:00Zx', 'parsing time "2026-02-28T10:00:00Zx": extra text: "x"'],
  ['2026-02-28t10:00:00Z', 'parsing time "2026-02-28t10:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse "t10:00:00Z" as "T"'],
])('%s is no time', (text, message) => {
  expect(() => canonicalTime(text)).toThrow(message);
});

test('times with micros have exactly six digits', () => {
  expect(canonicalMicroTime('2026-02-28T10:00:00.123456+01:00')).toBe('2026-02-28T09:00:00.123456Z');
  expect(() => canonicalMicroTime('2026-02-28T10:00:00.5Z')).toThrow('cannot parse ".5Z" as ".000000"');
  expect(() => canonicalMicroTime('2026-02-28T10:00:00.1234567Z')).toThrow('cannot parse "7Z" as "Z07:00"');
});
