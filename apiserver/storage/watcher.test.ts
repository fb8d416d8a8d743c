import { Watcher } from './watcher.ts';
import { WatcherIndex } from './watcherIndex.ts';
import type { WatchItem } from './types.ts';

const progress = (revision: number): WatchItem => ({ kind: 'progress', revision });

function watcher(prefix = '/r/', start: WatchItem[] = [], limit = 3, ended: string[] = []): Watcher {
  return new Watcher(prefix, start, { limit, after: 0, clock: () => 42 }, (which) => void ended.push(which.prefix));
}

async function revisions(from: Watcher): Promise<number[]> {
  const seen: number[] = [];
  for await (const item of from) if (item.kind === 'progress') seen.push(item.revision);
  return seen;
}

test('gives out items in order, those of the beginning first', async () => {
  const one = watcher('/r/', [progress(1), progress(2)]);
  one.offer(progress(3));
  one.requestProgress();
  one.end();
  expect(await revisions(one)).toEqual([1, 2, 3, 42]);
});

test('waits for items and hands them over together', async () => {
  const one = watcher();
  const batches = one.batches();
  const first = batches.next();
  one.offer(progress(1));
  one.offer(progress(2));
  expect((await first).value).toEqual([progress(1), progress(2)]);
  await batches.return(undefined);
});

test('is ended when too much waits, and still gives out what does; the beginning does not count', async () => {
  const ended: string[] = [];
  const one = watcher('/r/', [progress(1), progress(2), progress(3)], 2, ended);
  for (const revision of [4, 5, 6, 7]) one.offer(progress(revision));
  expect(ended).toEqual(['/r/']);
  expect(await revisions(one)).toEqual([1, 2, 3, 4, 5]);
});

test('throws the error that it was ended with after what waits', async () => {
  const one = watcher('/r/', [progress(1)]);
  one.end(new Error('gone'));
  const items = one[Symbol.asyncIterator]();
  expect((await items.next()).value).toEqual(progress(1));
  await expect(items.next()).rejects.toThrow('gone');
});

test('leaves the index when its reader stops', async () => {
  const ended: string[] = [];
  const one = watcher('/r/', [progress(1), progress(2)], 3, ended);
  for await (const item of one) if (item.kind === 'progress') break;
  expect(ended).toEqual(['/r/']);
});

test('an event reaches the watchers of its resource, its namespace and its object, and no other', async () => {
  const index = new WatcherIndex('/r/');
  const watchers = ['/r/', '/r/a/', '/r/a/x', '/r/a/y', '/r/b/'].map((prefix) => watcher(prefix));
  for (const one of watchers) index.add(one);
  index.dispatch('/r/a/x', progress(1));
  for (const one of watchers) one.end();
  expect(await Promise.all(watchers.map(revisions))).toEqual([[1], [1], [1], [], []]);
});

test('an event of a cluster-scoped object reaches a watcher once', async () => {
  const index = new WatcherIndex('/r/');
  const one = watcher('/r/');
  index.add(one);
  index.dispatch('/r/x', progress(1));
  one.end();
  expect(await revisions(one)).toEqual([1]);
  index.remove(one);
  expect(index.size).toBe(0);
});
