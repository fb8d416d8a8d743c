import { EncodedObject } from './encodedObject.ts';
import { RecentObjects } from './recentObjects.ts';
import type { StoredObject } from './types.ts';

const version = (key: string, revision: number): StoredObject => new EncodedObject(key, revision, Buffer.from('{}'));

test('the second one to ask for a version gets the same object, a third one another', () => {
  const recent = new RecentObjects();
  const first = recent.once('a', 5, () => version('a', 5));
  expect(recent.once('a', 5, () => version('a', 5))).toBe(first);
  expect(recent.once('a', 5, () => version('a', 5))).not.toBe(first);
});

test('another version is another object, and a late one does not drive out the newer', () => {
  const recent = new RecentObjects();
  recent.once('a', 5, () => version('a', 5));
  const newer = recent.once('a', 6, () => version('a', 6));
  expect(recent.once('a', 5, () => version('a', 5)).revision).toBe(5);
  expect(recent.once('a', 6, () => version('a', 6))).toBe(newer);
});

test('of those that nobody comes for the oldest go', () => {
  const recent = new RecentObjects();
  const made = Array.from({ length: 300 }, (_, at) => recent.once(`k${at}`, at, () => version(`k${at}`, at)));
  expect(recent.once('k0', 0, () => version('k0', 0))).not.toBe(made[0]);
  expect(recent.once('k299', 299, () => version('k299', 299))).toBe(made[299]);
});
