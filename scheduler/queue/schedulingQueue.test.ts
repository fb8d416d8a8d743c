import { FakeClock } from '../../process/fakeClock.ts';
import { DEFAULT_CONFIGURATION } from '../configuration.ts';
import { buildProfile } from '../plugins/registry.ts';
import { makeCluster, makeInfo, makeNode } from '../testObjects.ts';
import { SchedulingQueue } from './schedulingQueue.ts';

const profile = buildProfile({ ...DEFAULT_CONFIGURATION.profiles[0]!, siblings: () => undefined });
const node = makeCluster([makeNode('n', { cpu: '2' })]).node('n')!;

function setUp(): { clock: FakeClock; queue: SchedulingQueue } {
  const clock = new FakeClock();
  return { clock, queue: new SchedulingQueue({ clock }) };
}

test('the most important pod comes first', async () => {
  const { clock, queue } = setUp();
  for (const [name, priority] of [['a', 1], ['b', 3], ['c', 2], ['d', 3]] as const) {
    queue.add(makeInfo(name, { priority }), profile);
    await clock.advance(1);
  }
  expect([queue.pop(), queue.pop(), queue.pop(), queue.pop(), queue.pop()].map((each) => each?.info.pod.metadata.name)).toEqual(['b', 'd', 'c', 'a', undefined]);
});

test('an unschedulable pod waits for an event that one of its rejecting plugins names', async () => {
  const { clock, queue } = setUp();
  queue.add(makeInfo('p', { requests: { cpu: '1' } }), profile);
  queue.addUnschedulable(queue.pop()!, new Set(['NodeResourcesFit']));
  await clock.advance(20_000);
  queue.moveFor({ kind: 'NodeLabelsChanged', node });
  queue.moveFor({ kind: 'NodeTaintsChanged', node });
  expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1, gated: 0 });
  queue.moveFor({ kind: 'NodeAdded', node });
  expect(queue.sizes.active).toBe(1);
});

test('an event that cannot help this pod does not wake it', () => {
  const { queue } = setUp();
  queue.add(makeInfo('p', { requests: { cpu: '3' } }), profile);
  queue.addUnschedulable(queue.pop()!, new Set(['NodeResourcesFit']));
  queue.moveFor({ kind: 'NodeAdded', node });
  expect(queue.sizes.unschedulable).toBe(1);
});

test('the delay doubles from 1 s to 10 s', async () => {
  const { clock, queue } = setUp();
  queue.add(makeInfo('p'), profile);
  const delays: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    queue.addFailed(queue.pop()!);
    const from = clock.monotonic();
    while (queue.sizes.active === 0) await clock.advance(500);
    delays.push(clock.monotonic() - from);
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('what may have been helped need not wait when there is nothing else to do; what failed by an error must', () => {
  const { queue } = setUp();
  const [helped, failed, fresh] = ['helped', 'failed', 'fresh'].map((name) => makeInfo(name));
  queue.add(helped!, profile);
  queue.addUnschedulable(queue.pop()!, new Set(['NodeResourcesFit']));
  queue.add(failed!, profile);
  queue.addFailed(queue.pop()!);
  queue.moveFor({ kind: 'NodeAdded', node });
  queue.add(fresh!, profile);
  expect(queue.sizes).toEqual({ active: 1, backoff: 2, unschedulable: 0, gated: 0 });
  expect([queue.pop(), queue.pop(), queue.pop()].map((each) => each?.info.pod.metadata.name)).toEqual(['fresh', 'helped', undefined]);
});

test('after five minutes a pod is tried again though nothing happened', async () => {
  const { clock, queue } = setUp();
  const stop = new AbortController();
  const flush = queue.flushRegularly(stop.signal);
  queue.add(makeInfo('p'), profile);
  queue.addUnschedulable(queue.pop()!, new Set(['NodeAffinity']));
  await clock.advance(299_000);
  expect(queue.sizes.active).toBe(0);
  await clock.advance(31_000);
  expect(queue.sizes.active).toBe(1);
  stop.abort();
  await flush;
});

test('a gated pod is not tried until its gates are gone; a changed pod is tried again', async () => {
  const { clock, queue } = setUp();
  const gated = makeInfo('p', { schedulingGates: [{ name: 'g' }] });
  queue.add(gated, profile);
  expect(queue.sizes).toMatchObject({ active: 0, gated: 1 });
  queue.update({ ...gated, spec: { ...gated.spec, schedulingGates: [] } }, profile, true);
  expect(queue.sizes).toMatchObject({ active: 1, gated: 0 });
  queue.addUnschedulable(queue.pop()!, new Set(['NodeAffinity']));
  queue.update(gated, profile, false);
  expect(queue.sizes.unschedulable).toBe(1);
  await clock.advance(5000);
  queue.update({ ...gated, spec: { containers: [] } }, profile, true);
  expect(queue.sizes.active).toBe(1);
});

test('who waits is woken, and a deleted pod is nowhere', async () => {
  const { queue } = setUp();
  const stop = new AbortController();
  const waited = queue.wait(stop.signal);
  const info = makeInfo('p');
  queue.add(info, profile);
  await waited;
  queue.delete(info.uid);
  expect(queue.has(info.uid)).toBe(false);
  expect(queue.pop()).toBeUndefined();
});

test('a delay that is under way when the lead is lost ends once it is won again', async () => {
  const { clock, queue } = setUp();
  const lead = new AbortController();
  const leading = queue.flushRegularly(lead.signal);
  queue.add(makeInfo('p'), profile);
  queue.addFailed(queue.pop()!);
  lead.abort();
  await leading;
  await clock.advance(5_000);
  const again = new AbortController();
  const once = queue.flushRegularly(again.signal);
  await clock.advance(100);
  expect(queue.sizes.active).toBe(1);
  again.abort();
  await once;
});
