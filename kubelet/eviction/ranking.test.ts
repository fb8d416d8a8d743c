import type { V1Pod } from '../../api/generated/types.ts';
import { quantityOf } from '../../api/values/quantity.ts';
import { evictionMessage } from './evictionMessage.ts';
import type { PodUsage } from './podUsage.ts';
import { admitUnderPressure, rankFor } from './ranking.ts';

const MI = 2 ** 20;

interface Wish {
  readonly priority?: number;
  readonly memory?: string;
  readonly storage?: string;
}

const pod = (name: string, { priority = 0, memory, storage }: Wish = {}): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: name, resourceVersion: '', creationTimestamp: '' },
  spec: { priority, containers: [{ name: 'c', resources: { requests: { ...(memory ? { memory } : {}), ...(storage ? { 'ephemeral-storage': storage } : {}) } } }], volumes: [{ name: 'v', emptyDir: {} }, { name: 'm', emptyDir: { medium: 'Memory' } }] },
});

interface Used {
  readonly memory?: number;
  readonly processes?: number;
  readonly root?: number;
  readonly logs?: number;
  readonly volume?: number;
  readonly files?: number;
}

const using = (name: string, wish: Wish, { memory = 0, processes = 0, root = 0, logs = 0, volume = 0, files = 0 }: Used): PodUsage => ({
  pod: pod(name, wish),
  containers: [{ name: 'c', memory: memory * MI, processes, rootfs: { bytes: root * MI, inodes: 0 }, logs: { bytes: logs * MI, inodes: 0 } }],
  volumes: new Map([['v', { bytes: volume * MI, inodes: files }], ['m', { bytes: 1000 * MI, inodes: 1000 }]]),
});
const names = (list: readonly PodUsage[]): readonly string[] => list.map((each) => each.pod.metadata.name);

test('short of memory: those over their request, the least important, the greediest', () => {
  const pods = [using('within', { memory: '100Mi' }, { memory: 90 }), using('system', { priority: 2_000_000_000 }, { memory: 900 }), using('important', { priority: 5 }, { memory: 900 }), using('little', {}, { memory: 10 }), using('much', {}, { memory: 50 })];
  expect(names(rankFor('memory.available', pods, false))).toEqual(['much', 'little', 'important', 'within']);
});

test('short of disk: the same, by what each pod takes of it', () => {
  const pods = [
    using('within', { storage: '100Mi' }, { volume: 90 }), using('important', { priority: 5 }, { volume: 900 }), using('asked', { storage: '50Mi' }, { volume: 70 }), using('greedy', {}, { volume: 10, root: 20, logs: 10 }), using('empty', {}, {}),
  ];
  expect(names(rankFor('nodefs.available', pods, false))).toEqual(['greedy', 'asked', 'important', 'empty', 'within']);
});

test('where the engine has a disk of its own, containers and logs weigh there, and volumes on the node', () => {
  const pods = [using('volume', {}, { volume: 50 }), using('root', {}, { root: 40 }), using('logs', {}, { logs: 60 })];
  expect(names(rankFor('nodefs.available', pods, true))[0]).toBe('volume');
  expect(names(rankFor('imagefs.available', pods, true))).toEqual(['logs', 'root', 'volume']);
});

test('short of inodes, who has the most files; short of process ids, who has the most processes', () => {
  const pods = [using('few', { storage: '1Gi' }, { files: 5 }), using('many', { storage: '1Gi' }, { files: 50 }), using('busy', { priority: 1 }, { processes: 900 }), using('calm', {}, { processes: 2 })];
  expect(names(rankFor('nodefs.inodesFree', pods, false)).slice(0, 2)).toEqual(['many', 'few']);
  expect(names(rankFor('pid.available', pods, false))).toEqual(['calm', 'few', 'many', 'busy']);
});

test('the message says what was short, and who took more than its request', () => {
  const crossed = { threshold: { signal: 'nodefs.available' as const, value: { part: 0.1 }, reclaim: undefined }, quantity: quantityOf(53_687_091, 'BinarySI'), available: quantityOf(20 * MI, 'BinarySI') };
  expect(evictionMessage(crossed, using('web', {}, { root: 5, logs: 1, volume: 400 }))).toBe(
    'The node was low on resource: ephemeral-storage. Threshold quantity: 53687091, available: 20Mi. Container c was using 6Mi, request is 0, has larger consumption of ephemeral-storage. ',
  );
  expect(evictionMessage(crossed, using('web', { storage: '10Mi' }, { root: 5, volume: 400 }))).toBe('The node was low on resource: ephemeral-storage. Threshold quantity: 53687091, available: 20Mi. ');
  const inodes = { ...crossed, threshold: { ...crossed.threshold, signal: 'nodefs.inodesFree' as const }, quantity: quantityOf(3276, 'BinarySI'), available: quantityOf(12) };
  expect(evictionMessage(inodes, using('web', {}, { files: 400 }))).toBe('The node was low on resource: inodes. Threshold quantity: 3276, available: 12. ');
});

test('whom a node under pressure takes', () => {
  expect(admitUnderPressure(pod('a'), [])).toBeUndefined();
  expect(admitUnderPressure(pod('a'), ['DiskPressure'])).toEqual({ reason: 'Evicted', message: 'The node had condition: [DiskPressure]. ' });
  expect(admitUnderPressure(pod('a', { priority: 2_000_000_000 }), ['DiskPressure'])).toBeUndefined();
  expect(admitUnderPressure(pod('a'), ['MemoryPressure'])?.reason).toBe('Evicted');
  expect(admitUnderPressure(pod('a', { memory: '1Mi' }), ['MemoryPressure'])).toBeUndefined();
  expect(admitUnderPressure(pod('a', { memory: '1Mi' }), ['MemoryPressure', 'PIDPressure'])?.message).toBe('The node had condition: [MemoryPressure PIDPressure]. ');
});
