import type { KubeObject } from '../../api/meta.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import { StoredObjects } from './storedObjects.ts';

const version = (resourceVersion: string): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'u', resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' } });
const whyNot = (object: KubeObject | undefined): string | undefined => (object ? (object.metadata.resourceVersion === '2' ? undefined : 'it is old') : 'it is not there');

/** What is said of an object that is in memory, and in etcd, in these versions; and how often etcd was asked. */
async function judged(known: string | undefined, stored: string | undefined): Promise<unknown> {
  let reads = 0;
  const of = (found: string | undefined) => (found === undefined ? undefined : { object: version(found) });
  const cache = { get: () => of(known) } as unknown as WatchCache;
  const storage = { get: async () => ((reads += 1), of(stored)) } as unknown as Storage;
  const { why, object } = await new StoredObjects(cache, storage).judge('/registry/nodes/n', whyNot);
  return [why, object?.metadata.resourceVersion, reads];
}

test('memory is enough to allow, and never to refuse', async () => {
  expect(await judged('2', '2')).toEqual([undefined, '2', 0]);
  expect(await judged('1', '2')).toEqual([undefined, '2', 1]);
  expect(await judged(undefined, '2')).toEqual([undefined, '2', 1]);
  expect(await judged('1', '1')).toEqual(['it is old', '1', 1]);
  expect(await judged('1', undefined)).toEqual(['it is not there', undefined, 1]);
});
