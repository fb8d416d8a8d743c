import type { V1Pod } from '../../api/generated/types.ts';
import { silentLogger } from '../../process/log.ts';
import { systemClock } from '../../process/clock.ts';
import { EvictionManager } from './evictionManager.ts';
import type { NodeSignals } from './nodePressure.ts';
import { admitUnderPressure, rankForMemory } from './ranking.ts';

const MI = 2 ** 20;
const pod = (name: string, priority: number, request?: string): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: name, resourceVersion: '', creationTimestamp: '' },
  spec: { priority, containers: [{ name: 'c', ...(request ? { resources: { requests: { memory: request } } } : {}) }] },
});
const using = (name: string, priority: number, memory: number, request?: string) => ({ pod: pod(name, priority, request), usage: [{ name: 'c', memory: memory * MI }] });
const disk = { available: 50, capacity: 100, inodesFree: 50, inodes: 100 };

test('who goes first', () => {
  const ranked = rankForMemory([using('within', 0, 90, '100Mi'), using('system', 2_000_000_000, 900), using('important', 5, 900), using('little', 0, 10), using('much', 0, 50)]);
  expect(ranked.map((each) => each.pod.metadata.name)).toEqual(['much', 'little', 'important', 'within']);
});

test('short of memory, one pod is evicted at each look; on a full disk, images go', async () => {
  let signals: NodeSignals = { memoryAvailable: 92 * MI, nodefs: disk, imagefs: disk };
  const evicted: string[] = [];
  let freed = 0;
  const manager = new EvictionManager({
    signals: async () => signals, usage: async () => [using('web', 0, 150, '100Mi'), using('db', 9, 500)], freeImages: async () => (freed += 1), changed: () => undefined,
    evict: ({ metadata }, { reason, message }) => void evicted.push(`${metadata.name} ${reason}: ${message}`), transitionPeriod: 1000, clock: { ...systemClock, monotonic: () => 0 }, logger: silentLogger,
  });
  expect(manager.pressures).toEqual([]);
  await manager.look();
  expect(evicted).toEqual(['web Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, available: 92Mi. Container c was using 150Mi, request is 100Mi, has larger consumption of memory. ']);
  signals = { ...signals, memoryAvailable: 2 ** 30, imagefs: { ...disk, available: 1 } };
  await manager.look();
  expect([freed, manager.pressures, evicted.length]).toEqual([1, ['MemoryPressure', 'DiskPressure'], 1]);
});

test('whom a node under pressure takes', () => {
  expect(admitUnderPressure(pod('a', 0), [])).toBeUndefined();
  expect(admitUnderPressure(pod('a', 0), ['DiskPressure'])).toEqual({ reason: 'Evicted', message: 'The node had condition: [DiskPressure]. ' });
  expect(admitUnderPressure(pod('a', 2_000_000_000), ['DiskPressure'])).toBeUndefined();
  expect(admitUnderPressure(pod('a', 0), ['MemoryPressure'])?.reason).toBe('Evicted');
  expect(admitUnderPressure(pod('a', 0, '1Mi'), ['MemoryPressure'])).toBeUndefined();
});
