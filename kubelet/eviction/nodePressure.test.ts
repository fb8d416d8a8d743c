import { formatQuantity } from '../../api/values/quantity.ts';
import { crossedThresholds, isUnder, type NodeSignals, notePressures, type Observation, pressureOf, resourceOf, stillCrossed } from './nodePressure.ts';
import { memory, pids } from './readSignals.ts';
import { DEFAULT_EVICTION_HARD, parseThresholds, type Signal } from './thresholds.ts';

const roomy: Observation = { available: 50, capacity: 100 };
const signals = (more: Partial<Record<Signal, Observation>>): NodeSignals => ({
  observations: { 'memory.available': { available: 2 ** 30, capacity: 2 ** 31 }, 'nodefs.available': roomy, 'nodefs.inodesFree': roomy, 'imagefs.available': roomy, 'imagefs.inodesFree': roomy, 'pid.available': roomy, ...more },
  dedicatedImagefs: false,
});
const DEFAULTS = parseThresholds(DEFAULT_EVICTION_HARD, {});
const crossed = (more: Partial<Record<Signal, Observation>>, thresholds = DEFAULTS): readonly string[] =>
  crossedThresholds(thresholds, signals(more)).map(({ threshold: { signal }, quantity, available }) => `${pressureOf(signal)} ${resourceOf(signal)} ${formatQuantity(available)}<${formatQuantity(quantity)}`);
const at = (available: number): Observation => ({ available, capacity: 100 });

test("the kubelet's default thresholds, memory before all others", () => {
  expect(crossed({})).toEqual([]);
  expect(crossed({ 'nodefs.available': at(10) })).toEqual([]);
  expect(crossed({ 'nodefs.available': at(9) })).toEqual(['DiskPressure ephemeral-storage 9<10']);
  expect(crossed({ 'imagefs.available': at(14), 'imagefs.inodesFree': at(4), 'memory.available': { available: 1024, capacity: 2 ** 31 } })).toEqual([
    'MemoryPressure memory 1Ki<100Mi', 'DiskPressure ephemeral-storage 14<15', 'DiskPressure inodes 4<5',
  ]);
  expect(crossed({ 'pid.available': at(0) })).toEqual([]);
  expect(crossed({ 'pid.available': at(9) }, parseThresholds({ 'pid.available': '10%' }, {}))).toEqual(['PIDPressure pids 9<10']);
});

test('a file system that does not count inodes has enough of them', () => expect(crossed({ 'nodefs.inodesFree': { available: 0, capacity: 0 } })).toEqual([]));

test('a threshold that was crossed counts until what is to be reclaimed was got back', () => {
  const thresholds = parseThresholds({ 'nodefs.available': '10%' }, { 'nodefs.available': '5%' });
  const look = (before: ReturnType<typeof stillCrossed>, available: number) => stillCrossed(thresholds, before, signals({ 'nodefs.available': at(available) }));
  const first = look([], 9);
  expect([look([], 12).length, first.length, look(first, 14).length, look(first, 15).length]).toEqual([0, 1, 1, 0]);
});

test('a pressure counts for a while after it was seen last', () => {
  const seen = crossedThresholds(DEFAULTS, signals({ 'memory.available': { available: 0, capacity: 2 ** 31 } }));
  const times = notePressures(notePressures(new Map(), seen, 1000), [], 2000);
  expect([isUnder('MemoryPressure', times, 500, 1400), isUnder('MemoryPressure', times, 500, 1500), isUnder('DiskPressure', times, 500, 1400)]).toEqual([true, false, false]);
});

test('what the host tells of its memory and processes', () => {
  expect(memory('MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    8192 kB\n')).toEqual({ available: 8 * 2 ** 20, capacity: 16 * 2 ** 20 });
  expect(pids(4_194_304, 1000, '0.20 0.18 0.12 1/80 11206\n')).toEqual({ available: 920, capacity: 1000 });
});
