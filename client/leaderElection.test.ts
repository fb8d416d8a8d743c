import { conflict, notFoundError } from '../api/apiError.ts';
import type { V1Lease } from '../api/generated/types.ts';
import { FakeClock } from '../process/fakeClock.ts';
import { silentLogger } from '../process/log.ts';
import { ConnectionError } from './connectionError.ts';
import { LeaderElector } from './leaderElection.ts';
import type { KubeClient } from './types.ts';

const group = { group: 'coordination.k8s.io', resource: 'leases' };

/** One Lease with optimistic concurrency; `away` cuts a candidate off. */
class LeaseServer {
  lease: V1Lease | undefined;
  #version = 0;
  readonly away = new Set<string>();

  client(name: string): KubeClient {
    const reach = (): void => {
      if (this.away.has(name)) throw new ConnectionError('refused');
    };
    return {
      get: async () => {
        reach();
        if (!this.lease) throw notFoundError(group, 'lock');
        return this.lease;
      },
      create: async (_: unknown, body: V1Lease) => {
        reach();
        return this.#store(body);
      },
      update: async (_: unknown, body: V1Lease) => {
        reach();
        if (body.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) throw conflict(group, 'lock', 'modified');
        return this.#store(body);
      },
    } as unknown as KubeClient;
  }

  #store(body: V1Lease): V1Lease {
    this.#version += 1;
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(this.#version) } };
    return this.lease;
  }
}

function candidate(server: LeaseServer, clock: FakeClock, identity: string): { elector: LeaderElector; log: string[]; stop: AbortController; run: Promise<void> } {
  const elector = new LeaderElector({ client: server.client(identity), clock, logger: silentLogger, lease: { namespace: 'kube-system', name: 'lock' }, identity, random: () => 0 });
  const log: string[] = [];
  const stop = new AbortController();
  const lead = async (signal: AbortSignal): Promise<void> => {
    log.push('lead');
    await clock.sleep(1e9, signal);
    log.push('end');
  };
  return { elector, log, stop, run: elector.run(lead, stop.signal) };
}

test('a candidate that is known to have ended is not waited for', async () => {
  const clock = new FakeClock(0);
  const server = new LeaseServer();
  const lease = { namespace: 'kube-system', name: 'lock' };
  const elect = async (identity: string, dead: string): Promise<boolean> => {
    const stop = new AbortController();
    const elector = new LeaderElector({ client: server.client(identity), clock, logger: silentLogger, lease, identity, hasEnded: (each) => each === dead });
    let led = false;
    const lead = async (): Promise<void> => {
      led = true;
      // As a process that is killed: no release.
      server.away.add(identity);
      stop.abort();
    };
    void elector.run(lead, stop.signal);
    await clock.advance(100);
    stop.abort();
    return led;
  };
  expect(await elect('a', '')).toBe(true);
  expect(await elect('b', '')).toBe(false);
  expect(await elect('c', 'a')).toBe(true);
});

test('one leads; when it stops it releases the lease and the other one follows soon', async () => {
  const server = new LeaseServer();
  const clock = new FakeClock();
  const a = candidate(server, clock, 'a');
  await clock.advance(10);
  const b = candidate(server, clock, 'b');
  await clock.advance(60_000);
  expect([a.elector.isLeader(), b.elector.isLeader(), b.elector.leader]).toEqual([true, false, 'a']);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  a.stop.abort();
  await clock.advance(2100);
  await a.run;
  expect(a.log).toEqual(['lead', 'end']);
  expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([false, true]);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  b.stop.abort();
  await clock.advance(1);
  await b.run;
});

test('a leader that is cut off is no leader any more before another one is', async () => {
  const server = new LeaseServer();
  const clock = new FakeClock();
  const a = candidate(server, clock, 'a');
  await clock.advance(10);
  const b = candidate(server, clock, 'b');
  await clock.advance(5000);
  server.away.add('a');
  for (let second = 0; second < 30; second += 1) {
    await clock.advance(1000);
    expect(a.elector.isLeader() && b.elector.isLeader()).toBe(false);
  }
  expect(a.log).toEqual(['lead', 'end']);
  expect(b.elector.isLeader()).toBe(true);
  server.away.delete('a');
  await clock.advance(10_000);
  expect([a.elector.isLeader(), a.elector.leader]).toEqual([false, 'b']);
  a.stop.abort();
  b.stop.abort();
  await clock.advance(1);
  await Promise.all([a.run, b.run]);
});

test("the stamps inside a lease do not matter: its age counts from when its change was seen", async () => {
  const server = new LeaseServer();
  const clock = new FakeClock();
  await server.client('x').create({ group: '', version: '', plural: '', kind: '', namespaced: true }, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'kube-system', name: 'lock' },
    spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' },
  } as never);
  const a = candidate(server, clock, 'a');
  await clock.advance(14_000);
  expect(a.elector.isLeader()).toBe(false);
  await clock.advance(3000);
  expect(a.elector.isLeader()).toBe(true);
  a.stop.abort();
  await clock.advance(1);
  await a.run;
});
