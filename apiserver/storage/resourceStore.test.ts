import { ResourceStore } from './resourceStore.ts';
import type { StoredObject } from './types.ts';

function stored(key: string, revision = 1): StoredObject {
  return { key, revision, bytes: Buffer.from('{}'), object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: key, uid: '', resourceVersion: '', creationTimestamp: '' } } };
}

const keys = (objects: readonly StoredObject[]): string[] => objects.map((object) => object.key);

test('lists are in key order, whatever the order of the changes', () => {
  const store = new ResourceStore();
  for (const key of ['/r/b/2', '/r/a-b/1', '/r/a/9', '/r/b/1', '/r/a/1']) store.put(stored(key));
  expect(keys(store.all())).toEqual(['/r/a-b/1', '/r/a/1', '/r/a/9', '/r/b/1', '/r/b/2']);
  expect(keys(store.directory('/r/b/'))).toEqual(['/r/b/1', '/r/b/2']);
  store.delete('/r/b/1');
  store.delete('/r/b/nobody');
  expect(keys(store.directory('/r/b/'))).toEqual(['/r/b/2']);
  expect(store.size).toBe(4);
});

test('a list that was given out never changes', () => {
  const store = new ResourceStore();
  store.put(stored('/r/a/1'));
  const [all, some] = [store.all(), store.directory('/r/a/')];
  store.put(stored('/r/a/0'));
  store.put(stored('/r/a/1', 2));
  expect(all.map((object) => object.revision)).toEqual([1]);
  expect(some).toHaveLength(1);
  expect(store.all().map((object) => object.revision)).toEqual([1, 2]);
});

test('an unchanged list is given out again as it is', () => {
  const store = new ResourceStore();
  store.put(stored('/r/a/1'));
  store.put(stored('/r/b/1'));
  expect(store.all()).toBe(store.all());
});

test('a namespace that was emptied is forgotten', () => {
  const store = new ResourceStore();
  store.put(stored('/r/a/1'));
  store.delete('/r/a/1');
  expect(store.directory('/r/a/')).toEqual([]);
  expect(store.countOf('/r/a/')).toBe(0);
  expect(store.all()).toEqual([]);
});
