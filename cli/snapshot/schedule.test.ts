import { scheduleActions, snapshotName, snapshotTime } from './schedule.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-03-01T12:00:00Z');
const names = (...hours: number[]): string[] => hours.map((hour) => snapshotName(now - hour * HOUR));

test('a snapshot\'s name tells when it was taken; other files are nobody\'s business', () => {
  expect(snapshotName(now)).toBe('gantry-2026-03-01T12-00-00Z.db');
  expect(snapshotTime(snapshotName(now))).toBe(now);
  expect(snapshotTime('gantry-before-upgrade.db')).toBeUndefined();
  expect(snapshotTime(`${snapshotName(now)}.part`)).toBeUndefined();
});

test('one is due when there is none, or the last is old enough', () => {
  const schedule = { every: HOUR, keep: 3 };
  expect(scheduleActions([], schedule, now)).toEqual({ due: true, remove: [] });
  expect(scheduleActions(names(0.5), schedule, now).due).toBe(false);
  expect(scheduleActions(names(1), schedule, now).due).toBe(true);
});

test('a clock that was set back a day does not end the snapshots', () => {
  expect(scheduleActions(names(-24), { every: HOUR, keep: 3 }, now).due).toBe(true);
});

test('the oldest go, counting the one that is about to be taken', () => {
  const present = [...names(4, 3, 2, 1), 'notes.txt'];
  expect(scheduleActions(present, { every: HOUR, keep: 3 }, now).remove).toEqual(names(4, 3));
  expect(scheduleActions(present, { every: 2 * HOUR, keep: 3 }, now)).toEqual({ due: false, remove: names(4) });
});
