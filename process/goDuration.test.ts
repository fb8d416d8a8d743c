import { formatGoDuration, readGoDuration } from './goDuration.ts';

test.each<[number, string]>([
  [0, '0s'], [0.000001, '1ns'], [0.0015, '1.5µs'], [0.1, '100µs'], [1.25, '1.25ms'], [500, '500ms'], [1500, '1.5s'], [61_123.4, '1m1.1234s'], [90_000, '1m30s'], [3_600_000, '1h0m0s'], [5_403_000, '1h30m3s'], [-90_000, '-1m30s'],
])('%d ms are %s, and the other way round', (milliseconds, text) => {
  expect(formatGoDuration(milliseconds)).toBe(text);
  expect(readGoDuration(text)).toBeCloseTo(milliseconds, 6);
});

test.each<[string, number | string]>([
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['+1m', 60_000],
  ['', 'time: invalid duration ""'],
  ['.s', 'time: invalid duration ".s"'],
  ['10', 'time: missing unit in duration "10"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['3000000h', 'time: invalid duration "3000000h"'],
])('%j is read as %j', (text, expected) => {
  expect(readGoDuration(text)).toBe(expected);
});
