import type { V1Pod } from '../../api/generated/types.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { EvictionManager, type EvictionOptions } from './evictionManager.ts';
import type { NodeSignals, Observation } from './nodePressure.ts';
import type { PodUsage } from './podUsage.ts';
import { DEFAULT_EVICTION_HARD, parseThresholds, type Signal } from './thresholds.ts';

const MI = 2 ** 20;
const NONE = { bytes: 0, inodes: 0 };
const pod = (name: string, volume: V1Pod['spec'] = { containers: [{ name: 'c' }] }): V1Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: name, resourceVersion: '', creationTimestamp: '' }, spec: volume });
const using = (of: V1Pod, memory: number, volume: number): PodUsage => ({ pod: of, containers: [{ name: 'c', memory: memory * MI, processes: 1, rootfs: NONE, logs: NONE }], volumes: new Map([['v', { bytes: volume * MI, inodes: 1 }]]) });
const roomy: Observation = { available: 50, capacity: 100 };
const short: Observation = { available: 5, capacity: 100 };

/** A node of two pods whose figures the test sets; notes what is done to it. */
function node(dedicatedImagefs = false) {
  const list = [using(pod('web'), 150, 10), using(pod('db'), 100, 500)];
  const state = { low: {} as Partial<Record<Signal, Observation>>, freeing: (): void => undefined, done: [] as string[], warnings: [] as string[], pods: list };
  const signals = async (): Promise<NodeSignals> => ({
    observations: { 'memory.available': { available: 2 ** 30, capacity: 2 ** 31 }, 'nodefs.available': roomy, 'nodefs.inodesFree': roomy, 'imagefs.available': roomy, 'imagefs.inodesFree': roomy, 'pid.available': roomy, ...state.low },
    dedicatedImagefs,
  });
  const options: EvictionOptions = {
    thresholds: parseThresholds(DEFAULT_EVICTION_HARD, {}), signals, pods: () => state.pods.map((each) => each.pod),
    usage: async (wanted) => state.pods.filter((each) => wanted.includes(each.pod)),
    freeContainers: async () => void state.done.push('free containers'),
    freeImages: async () => {
      state.done.push('free images');
      state.freeing();
    },
    evict: async ({ metadata }, { reason, message, disruption }) => void state.done.push(`${metadata.name} ${reason}${disruption ? ` (${disruption})` : ''}: ${message}`),
    warn: (reason, message) => void state.warnings.push(`${reason}: ${message}`),
    changed: () => undefined, transitionPeriod: 1000, clock: { ...systemClock, monotonic: () => 0 }, logger: silentLogger,
  };
  return { state, manager: new EvictionManager(options) };
}

test('short of memory, one pod is evicted at each look', async () => {
  const { state, manager } = node();
  expect(manager.pressures).toEqual([]);
  state.low = { 'memory.available': { available: 92 * MI, capacity: 2 ** 31 } };
  await manager.look();
  expect(manager.pressures).toEqual(['MemoryPressure']);
  expect(state.done).toEqual(['web Evicted (TerminationByKubelet): The node was low on resource: memory. Threshold quantity: 100Mi, available: 92Mi. Container c was using 150Mi, request is 0, has larger consumption of memory. ']);
});

test('short of disk, what no pod needs goes first; a pod only where that was not enough', async () => {
  const { state, manager } = node();
  state.low = { 'nodefs.available': short };
  state.freeing = () => (state.low = {});
  await manager.look();
  expect(manager.pressures).toEqual(['DiskPressure']);
  expect(state.done).toEqual(['free containers', 'free images']);
  expect(state.warnings).toEqual(['EvictionThresholdMet: Attempting to reclaim ephemeral-storage']);
  state.done = [];
  state.low = { 'nodefs.available': short };
  state.freeing = () => undefined;
  await manager.look();
  expect(state.done).toEqual(['free containers', 'free images', 'db Evicted (TerminationByKubelet): The node was low on resource: ephemeral-storage. Threshold quantity: 10, available: 5. ']);
});

test("images on the engine's own disk are of no help to the node's", async () => {
  const { state, manager } = node(true);
  state.low = { 'nodefs.available': short };
  await manager.look();
  expect(state.done).toEqual([expect.stringMatching(/^db Evicted/)]);
});

test('pods beyond their own limits go without any pressure, all of them', async () => {
  const { state, manager } = node();
  const limited = (name: string): V1Pod => pod(name, { containers: [{ name: 'c' }], volumes: [{ name: 'v', emptyDir: { sizeLimit: '20Mi' } }] });
  state.pods = [using(limited('small'), 0, 10), using(limited('large'), 0, 30), using(limited('huge'), 0, 300), using(pod('free'), 0, 900)];
  await manager.look();
  expect(manager.pressures).toEqual([]);
  expect(state.done).toEqual(['large Evicted: Usage of EmptyDir volume "v" exceeds the limit "20Mi". ', 'huge Evicted: Usage of EmptyDir volume "v" exceeds the limit "20Mi". ']);
});
