import { encodeJson } from '../codec/encode.ts';
import type { CacheEvent, StoredObject } from '../storage/types.ts';
import { serve } from '../registry.ts';
import { bookmark, frame, noticeOf } from './watchFrames.ts';

const served = serve({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', singular: 'configmap', namespaced: true, model: 'V1ConfigMap' });

function stored(revision: number, labels: Record<string, string> = {}): StoredObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', uid: 'u', resourceVersion: String(revision), creationTimestamp: '', labels } };
  return { key: 'a', revision, object, bytes: encodeJson(object) };
}
const isRed = (object: StoredObject['object']): boolean => object.metadata.labels?.color === 'red';
const put = (current: StoredObject, previous?: StoredObject): CacheEvent => ({ type: 'put', current, previous });
const RED = { color: 'red' };

test.each<[string, CacheEvent, string | undefined]>([
  ['a new object that matches', put(stored(2, RED)), 'ADDED'],
  ['an object that enters the selection', put(stored(2, RED), stored(1)), 'ADDED'],
  ['an object that stays in it', put(stored(2, RED), stored(1, RED)), 'MODIFIED'],
  ['an object that leaves it', put(stored(2), stored(1, RED)), 'DELETED'],
  ['an object that never was in it', put(stored(2), stored(1)), undefined],
  ['the end of one in it', { type: 'delete', last: stored(2, RED), revision: 2 }, 'DELETED'],
  ['the end of one outside', { type: 'delete', last: stored(2), revision: 2 }, undefined],
])('%s', (_, event, type) => expect(noticeOf(event, isRed)?.type).toBe(type));

test('an object that left bears the version of the event by which it left, and its last state in the selection', () => {
  const line = JSON.parse(frame(served, noticeOf(put(stored(2), stored(1, RED)), isRed)!).toString());
  expect(line).toMatchObject({ type: 'DELETED', object: { metadata: { resourceVersion: '2', labels: RED } } });
});

test('every watcher is sent the same bytes', () => {
  const event = put(stored(2, RED));
  expect(frame(served, noticeOf(event, undefined)!)).toBe(frame(served, noticeOf(event, isRed)!));
});

test('the bookmark behind the initial events says so', () => {
  expect(bookmark(served, '7', true)).toEqual({ kind: served.definition.kind, apiVersion: served.apiVersion, metadata: { resourceVersion: '7', annotations: { 'k8s.io/initial-events-end': 'true' } } });
});
