import type { V1Pod, V1PodSpec } from '../../api/generated/types.ts';
import { limitsStorage, storageExcess } from './localStorage.ts';
import type { PodUsage } from './podUsage.ts';

const MI = 2 ** 20;
const pod = (spec: Partial<V1PodSpec>, limit?: string): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'p', resourceVersion: '', creationTimestamp: '' },
  spec: { containers: [{ name: 'c', ...(limit ? { resources: { limits: { 'ephemeral-storage': limit } } } : {}) }, { name: 'd' }], ...spec },
});
const usage = (of: V1Pod, { root = 0, logs = 0, other = 0, volume = 0 }): PodUsage => ({
  pod: of,
  containers: [
    { name: 'c', memory: 0, processes: 0, rootfs: { bytes: root * MI, inodes: 0 }, logs: { bytes: logs * MI, inodes: 0 } },
    { name: 'd', memory: 0, processes: 0, rootfs: { bytes: other * MI, inodes: 0 }, logs: { bytes: 0, inodes: 0 } },
  ],
  volumes: new Map([['data', { bytes: volume * MI, inodes: 1 }]]),
});

test('who is watched: whoever has a limit', () => {
  expect(limitsStorage(pod({ volumes: [{ name: 'data', emptyDir: {} }] }))).toBe(false);
  expect(limitsStorage(pod({ volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }] }))).toBe(true);
  expect(limitsStorage(pod({}, '1Mi'))).toBe(true);
});

test('an emptyDir beyond its limit', () => {
  const limited = pod({ volumes: [{ name: 'data', emptyDir: { sizeLimit: '10Mi' } }] });
  expect(storageExcess(usage(limited, { volume: 10 }), false)).toBeUndefined();
  expect(storageExcess(usage(limited, { volume: 11 }), false)).toBe('Usage of EmptyDir volume "data" exceeds the limit "10Mi". ');
  // A limit of nothing is none.
  expect(storageExcess(usage(pod({ volumes: [{ name: 'data', emptyDir: { sizeLimit: '0' } }] }), { volume: 11 }), false)).toBeUndefined();
});

test('the limits of all containers hold for the pod with its volumes', () => {
  const limited = pod({ volumes: [{ name: 'data', emptyDir: {} }] }, '10Mi');
  expect(storageExcess(usage(limited, { root: 4, logs: 2, volume: 4 }), false)).toBeUndefined();
  expect(storageExcess(usage(limited, { root: 4, logs: 2, volume: 5 }), false)).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ');
});

test('a container beyond its own limit; on a disk of the engine only its logs count', () => {
  const containers = [{ name: 'c', resources: { limits: { 'ephemeral-storage': '10Mi' } } }, { name: 'd', resources: { limits: { 'ephemeral-storage': '90Mi' } } }];
  expect(storageExcess(usage(pod({ containers }), { root: 9, logs: 2 }), false)).toBe('Container c exceeded its local ephemeral storage limit "10Mi". ');
  expect(storageExcess(usage(pod({ containers }), { root: 9, logs: 2 }), true)).toBeUndefined();
  expect(storageExcess(usage(pod({ containers }), { root: 9, logs: 1, other: 90 }), false)).toBeUndefined();
});
