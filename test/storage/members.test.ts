import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ApiError } from '../../api/apiError.ts';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import type { WatchStream } from '../../apiserver/storage/types.ts';
import { type Clock, systemClock } from '../../process/clock.ts';
import { type Logger, silentLogger } from '../../process/log.ts';
import { type EtcdCluster, EtcdMember, startEtcdCluster } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { freePorts } from '../../host/freePorts.ts';
import { addMember, leaderOf, memberIds, removeMember } from './etcdMembers.ts';
import { bounded, CONFIG_MAPS, create, open, tell } from './world.ts';

let cluster: EtcdCluster;
let opened: OpenedStorage;
const extra: EtcdMember[] = [];
let folder: string;
/** What the storage last heard of the members; it asks again soon, not after half a minute. */
let members: readonly string[] = [];
const clock: Clock = { ...systemClock, sleep: (milliseconds, signal) => systemClock.sleep(milliseconds === 30_000 ? 200 : milliseconds, signal) };
const logger: Logger = { ...silentLogger, info: (message, fields) => void (message === "etcd's members have changed" && (members = fields?.['members'] as string[])) };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-members-'));
  cluster = await startEtcdCluster(3);
  // It is told of one member only, and learns of the others.
  opened = await open(cluster.endpoints.slice(0, 1), {}, { clock, logger });
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

/** What happens while there are writes; `more` resolves when some more have been acknowledged. */
type Trouble = (more: () => Promise<unknown>) => Promise<void>;

/** Eight writers write without a pause until the trouble is over; what a client is told to try again, it tries again under the same name. */
async function writing(namespace: string, trouble: Trouble): Promise<Seen> {
  const seen: Seen = { acknowledged: new Set(), gap: 0, refused: 0 };
  const ended = new AbortController();
  const more = (): Promise<true> => {
    const before = seen.acknowledged.size;
    return eventually('writes go on', 120_000, () => (seen.acknowledged.size > before + 50 ? true : undefined));
  };
  const done = trouble(more).finally(() => ended.abort());
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

async function under(namespace: string, trouble: Trouble): Promise<Seen> {
  const { cache } = opened;
  const prefix = `${CONFIG_MAPS}${namespace}/`;
  const events = until(cache.watch({ fromRevision: cache.clock, signal: new AbortController().signal, prefix }), 'end');
  const seen = await writing(namespace, trouble);
  await create(opened.storage, 'end', {}, namespace);
  const names = await bounded(events, () => 'the last event');
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
  const seen = await under('leader-killed', async (more) => {
    await more();
    const leader = await leaderOf(cluster.members);
    await leader.kill();
    // Without it.
    await more();
    await leader.start();
    await more();
  });
  report('leader killed', seen);
  expect(seen.acknowledged.size).toBeGreaterThan(150);
});

test('the leader hangs under continuous writes: the others go on, and it falls in line when it wakes', async () => {
  const seen = await under('leader-hanging', async (more) => {
    await more();
    const leader = await leaderOf(cluster.members);
    await leader.pause();
    // While it hangs.
    await more();
    leader.resume();
    await leader.healthy();
    await more();
  });
  report('leader hanging', seen);
  expect(seen.acknowledged.size).toBeGreaterThan(150);
});

test('without a majority nothing is acknowledged, and everything goes on with it', async () => {
  const hasty = await open(cluster.endpoints, { requestTimeoutMilliseconds: 5_000 });
  const { storage, cache } = hasty;
  const [first, ...others] = cluster.members;
  await Promise.all(others.map((member) => member.kill()));
  await expect(create(storage, 'lonely', {}, 'majority')).rejects.toMatchObject({ code: 503, retryAfterSeconds: 1 });
  await expect(cache.consistent()).rejects.toMatchObject({ code: 503 });
  // What allows a stale answer goes on.
  expect(cache.list(CONFIG_MAPS).length).toBeGreaterThan(0);
  await Promise.all(others.map((member) => member.start()));
  await first?.healthy();
  await opened.cache.consistent();
  await eventually('everything goes on', 60_000, () => cache.consistent().then(() => true, () => undefined));
  await hasty.close();
});

test('members are replaced one by one, until none is left of those that were known at the start', async () => {
  const endpoints = [...cluster.endpoints];
  for (const [nth, old] of cluster.members.entries()) {
    await under(`replaced-${nth}`, async (more) => {
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
      await eventually('the storage has heard of it', 60_000, () => (members.includes(endpoint) ? true : undefined));
      await more();
    });
  }
  expect(endpoints.some((each) => cluster.endpoints.includes(each))).toBe(false);
}, 600_000);
