import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ApiError } from '../../api/apiError.ts';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import type { WatchStream } from '../../apiserver/storage/types.ts';
import { systemClock } from '../../process/clock.ts';
import { type EtcdCluster, EtcdMember, startEtcdCluster } from '../rig/etcd.ts';
import { freePorts } from '../../host/freePorts.ts';
import { addMember, leaderOf, memberIds, removeMember } from './etcdMembers.ts';
import { bounded, CONFIG_MAPS, create, open, tell } from './world.ts';

let cluster: EtcdCluster;
let opened: OpenedStorage;
const extra: EtcdMember[] = [];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-members-'));
  cluster = await startEtcdCluster(3);
  // It is told of one member only, and learns of the others.
  opened = await open(cluster.endpoints.slice(0, 1), {});
  await systemClock.sleep(300);
});

afterAll(async () => {
  await opened.close();
  await Promise.all(extra.map((member) => member.kill()));
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Seen {
  readonly acknowledged: Set<string>;
  /** Longest time from one acknowledged write to the next, in milliseconds. */
  gap: number;
  refused: number;
}

/** Eight writers write without a pause until `over`; what a client is told to try again, it tries again under the same name. */
async function writing(namespace: string, over: Promise<void>): Promise<Seen> {
  const seen: Seen = { acknowledged: new Set(), gap: 0, refused: 0 };
  const ended = new AbortController();
  const done = over.finally(() => ended.abort());
  let last = systemClock.monotonic();
  const writer = async (n: number): Promise<void> => {
    for (let m = 0; !ended.signal.aborted; m += 1) {
      const name = `w${n}-${m}`;
      for (;;) {
        try {
          await create(opened.storage, name, {}, namespace);
        } catch (error) {
          if (!(error instanceof ApiError)) break; // It is there: an earlier try was carried out.
          expect(error).toMatchObject({ code: 503, retryAfterSeconds: expect.any(Number) });
          seen.refused += 1;
          await systemClock.sleep(50);
          continue;
        }
        break;
      }
      const now = systemClock.monotonic();
      seen.gap = Math.max(seen.gap, now - last);
      last = now;
      seen.acknowledged.add(name);
      await systemClock.sleep(5);
    }
  };
  await Promise.all([done, ...Array.from({ length: 8 }, (_, n) => writer(n))]);
  return seen;
}

async function under(namespace: string, trouble: () => Promise<void>): Promise<Seen> {
  const { cache } = opened;
  const prefix = `${CONFIG_MAPS}${namespace}/`;
  const events = until(cache.watch({ fromRevision: cache.clock, signal: new AbortController().signal, prefix }), 'end');
  const seen = await writing(namespace, trouble());
  await create(opened.storage, 'end', {}, namespace);
  const names = await bounded(events, () => 'the last event', 20_000);
  // Nothing that was acknowledged is missing, nothing came twice.
  expect(new Set(names)).toEqual(new Set([...seen.acknowledged, 'end']));
  expect(names).toHaveLength(seen.acknowledged.size + 1);
  return seen;
}

/** The names of what a watch brings, up to one. */
async function until(stream: WatchStream, name: string): Promise<string[]> {
  const names: string[] = [];
  for await (const item of stream) {
    if (item.kind !== 'event') continue;
    names.push(tell(item).split(/[ @]/)[1] ?? '');
    if (names.at(-1) === name) break;
  }
  return names;
}

function report(what: string, { gap, acknowledged, refused }: Seen): void {
  process.stdout.write(`${what}: ${acknowledged.size} writes, ${refused} to be tried again, longest gap ${Math.round(gap)} ms\n`);
}

test('the leader is killed under continuous writes: none is lost or doubled', async () => {
  const seen = await under('leader-killed', async () => {
    await systemClock.sleep(300);
    const leader = await leaderOf(cluster.members);
    await leader.kill();
    await systemClock.sleep(3_000);
    await leader.start();
    await systemClock.sleep(300);
  });
  report('leader killed', seen);
  expect(seen.gap).toBeLessThan(5_000);
});

test('the leader hangs under continuous writes: the others go on, and it falls in line when it wakes', async () => {
  const seen = await under('leader-hanging', async () => {
    await systemClock.sleep(300);
    const leader = await leaderOf(cluster.members);
    await leader.pause();
    await systemClock.sleep(5_000);
    leader.resume();
    await leader.healthy();
    await systemClock.sleep(300);
  });
  report('leader hanging', seen);
  expect(seen.gap).toBeLessThan(8_000);
});

test('without a majority nothing is acknowledged, and everything goes on with it', async () => {
  const { storage, cache } = opened;
  const [first, ...others] = cluster.members;
  await Promise.all(others.map((member) => member.kill()));
  await expect(create(storage, 'lonely', {}, 'majority')).rejects.toMatchObject({ code: 503, retryAfterSeconds: 1 });
  await expect(cache.consistent()).rejects.toMatchObject({ code: 503 });
  // What allows a stale answer goes on.
  expect(cache.list(CONFIG_MAPS).length).toBeGreaterThan(0);
  await Promise.all(others.map((member) => member.start()));
  await first?.healthy();
  await cache.consistent();
});

test('members are replaced one by one, until none is left of those that were known at the start', async () => {
  const endpoints = [...cluster.endpoints];
  for (const [nth, old] of cluster.members.entries()) {
    await under(`replaced-${nth}`, async () => {
      const others = endpoints.filter((each) => each !== old.endpoint);
      const ids = await memberIds(others);
      await old.kill();
      await removeMember(others, ids.get(old.endpoint)!);
      const [client = 0, peer = 0, health = 0] = await freePorts(3);
      const name = `r${nth}`;
      const initialCluster = await addMember(others, name, `http://127.0.0.1:${peer}`);
      const endpoint = `http://127.0.0.1:${client}`;
      const member = new EtcdMember(endpoint, `http://127.0.0.1:${health}/health`, join(folder, `${name}.log`), [
        `--name=${name}`, `--data-dir=${join(folder, name)}`, `--listen-client-urls=${endpoint}`, `--advertise-client-urls=${endpoint}`,
        `--listen-peer-urls=http://127.0.0.1:${peer}`, `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`, `--initial-cluster=${initialCluster}`, '--initial-cluster-state=existing',
        `--listen-metrics-urls=http://127.0.0.1:${health}`, '--heartbeat-interval=30', '--election-timeout=300', '--logger=zap',
      ]);
      extra.push(member);
      await member.start();
      endpoints.splice(endpoints.indexOf(old.endpoint), 1, endpoint);
      // A failure has been seen: the members are asked for soon after.
      await systemClock.sleep(2_500);
    });
  }
  expect(endpoints.some((each) => cluster.endpoints.includes(each))).toBe(false);
}, 300_000);
