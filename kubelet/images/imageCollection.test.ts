import { bytesToFree, imagesToCollect } from './imageCollection.ts';

const policy = { highThreshold: 85, lowThreshold: 80, minimumAge: 120_000 };

test.each([
  [50, 0],
  [16, 0],
  [15, 5],
  [0, 20],
])('with %i of 100 bytes free, %i are to be freed', (available, expected) => expect(bytesToFree({ capacity: 100, available }, policy)).toBe(expected));

test('an unknown disk is left alone', () => expect(bytesToFree({ capacity: 0, available: 0 }, policy)).toBe(0));

test('the images that were unused for longest go first, until enough is free; young ones stay', () => {
  const now = 1_000_000;
  const image = (id: string, lastUsed: number, firstSeen = 0) => ({ id, size: 10, firstSeen, lastUsed });
  const unused = [image('new', 0, now - 1000), image('late', 500_000), image('never', 0), image('early', 100_000), image('just', now - 5000)];
  const ids = (bytes: number): string[] => imagesToCollect(unused, bytes, policy, now).map(({ id }) => id);
  expect([ids(0), ids(1), ids(11), ids(1000)]).toEqual([[], ['never'], ['never', 'early'], ['never', 'early', 'late']]);
});
