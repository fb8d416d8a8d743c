import { ageOf, humanDuration } from './duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('humanDuration', () => {
  it.each([
    [5 * SECOND, '5s'], [119 * SECOND, '119s'], [2 * MINUTE, '2m'], [2 * MINUTE + 30 * SECOND, '2m30s'], [10 * MINUTE + SECOND, '10m'], [179 * MINUTE, '179m'], [3 * HOUR, '3h'],
    [3 * HOUR + 5 * MINUTE, '3h5m'], [8 * HOUR + MINUTE, '8h'], [47 * HOUR, '47h'], [48 * HOUR, '2d'], [49 * HOUR, '2d1h'], [8 * DAY + HOUR, '8d'], [729 * DAY, '729d'], [731 * DAY, '2y1d'],
    [9 * 365 * DAY, '9y'], [-1500, '0s'], [-500, '0s'], [-5 * SECOND, '<invalid>'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe('times', () => {
  it('gives the age', () => {
    expect(ageOf('2023-11-14T22:13:20Z', 1_700_000_065_000)).toBe('65s');
    expect(ageOf(undefined, 0)).toBe('<unknown>');
  });
});
