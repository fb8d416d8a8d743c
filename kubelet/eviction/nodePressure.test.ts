import { crossedThresholds, isUnder, type NodeSignals, notePressures } from './nodePressure.ts';

const roomy = { available: 50, capacity: 100, inodesFree: 50, inodes: 100 };
const signals = (more: Partial<NodeSignals>): NodeSignals => ({ memoryAvailable: 2 ** 30, nodefs: roomy, imagefs: roomy, ...more });
const crossed = (more: Partial<NodeSignals>): readonly string[] => crossedThresholds(signals(more)).map(({ pressure, resource, threshold, available }) => `${pressure} ${resource} ${available}<${threshold}`);

test("the kubelet's default thresholds", () => {
  expect(crossed({})).toEqual([]);
  expect(crossed({ memoryAvailable: 1000 })).toEqual(['MemoryPressure memory 1000<104857600']);
  expect(crossed({ nodefs: { ...roomy, available: 10 } })).toEqual([]);
  expect(crossed({ nodefs: { ...roomy, available: 9 } })).toEqual(['DiskPressure ephemeral-storage 9<10']);
  expect(crossed({ imagefs: { ...roomy, available: 14, inodesFree: 4 } })).toEqual(['DiskPressure ephemeral-storage 14<15', 'DiskPressure inodes 4<5']);
});

test('a file system that does not count inodes has enough of them', () => expect(crossed({ nodefs: { ...roomy, inodesFree: 0, inodes: 0 } })).toEqual([]));

test('a pressure counts for a while after it was seen last', () => {
  const times = notePressures(notePressures(new Map(), crossedThresholds(signals({ memoryAvailable: 0 })), 1000), [], 2000);
  expect([isUnder('MemoryPressure', times, 500, 1400), isUnder('MemoryPressure', times, 500, 1500), isUnder('DiskPressure', times, 500, 1400)]).toEqual([true, false, false]);
});
