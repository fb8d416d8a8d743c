import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedStorage } from '../../apiserver/storage/openStorage.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { type EtcdCluster, type EtcdMember, startEtcdCluster } from '../rig/etcd.ts';
import { collect, CONFIG_MAPS, create, open, tell } from './world.ts';

/** Three members behind TLS, as in a highly available cluster. */
let cluster: EtcdCluster;
let opened: OpenedStorage;
let folder: string;
let tls: { ca: string; cert: string; key: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-tls-'));
  const authority = await createAuthority('etcd-ca', systemClock.now());
  const pair = await issueCertificate(authority, { commonName: 'etcd', usages: ['server', 'client'], names: ['127.0.0.1', 'localhost'] }, systemClock.now());
  tls = { ca: authority.certificate, cert: pair.certificate, key: pair.key };
  for (const [name, pem] of Object.entries(tls)) writeFileSync(join(folder, name), pem, { mode: 0o600 });
  cluster = await startEtcdCluster(3, { tls: { ca: join(folder, 'ca'), cert: join(folder, 'cert'), key: join(folder, 'key') } });
  opened = await open(cluster.endpoints, { tls });
});

afterAll(async () => {
  await opened.close();
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes while `trouble` happens to each member in turn. Returns what was acknowledged, and what a watcher saw. */
async function through(namespace: string, trouble: (member: EtcdMember) => Promise<void>): Promise<{ written: string[]; seen: string[] }> {
  const { storage, cache } = opened;
  const prefix = `${CONFIG_MAPS}${namespace}/`;
  const seen = collect(cache.watch({ fromRevision: cache.clock, signal: new AbortController().signal, prefix }), (items) => tell(items.at(-1) ?? { kind: 'progress', revision: 0 }).startsWith('put end@'));
  const written: string[] = [];
  const write = async (name: string): Promise<void> => {
    const stored = await create(storage, name, {}, namespace);
    written.push(`put ${name}@${stored.revision}`);
    await cache.consistent();
    expect(cache.get(stored.key)?.revision).toBe(stored.revision);
  };
  for (const [round, member] of cluster.members.entries()) {
    await write(`before-${round}`);
    const over = trouble(member);
    for (let n = 0; n < 20; n += 1) await write(`during-${round}-${n}`);
    await over;
  }
  await write('end');
  return { written, seen: (await seen).map(tell) };
}

test('one member after the other may be killed: every write is acknowledged, read at once, and seen once and in order', async () => {
  const { written, seen } = await through('killed', (member) => member.restart());
  expect(seen).toEqual(written);
});

test('one member after the other may hang: the same holds', async () => {
  const { written, seen } = await through('hanging', async (member) => {
    await member.pause();
    await systemClock.sleep(4_000);
    member.resume();
    await member.healthy();
  });
  expect(seen).toEqual(written);
});

test('what a member was asked to create before it hung does not come back when it goes on, after it was created by another one and deleted', async () => {
  for (const [round, own] of cluster.members.entries()) {
    const writer = await open([own, ...cluster.members.filter((member) => member !== own)].map(({ endpoint }) => endpoint), { tls });
    try {
      await create(writer.storage, `warm-${round}`);
      await own.pause();
      const created = await Promise.all(Array.from({ length: 20 }, (_, n) => create(writer.storage, `late-${round}-${n}`)));
      for (const { key, revision } of created) expect((await writer.storage.transact([{ key, revision }], [{ kind: 'delete', key }])).committed).toBe(true);
      own.resume();
      await own.healthy();
      await systemClock.sleep(1_000);
      for (const { key } of created) expect(await writer.storage.get(key)).toBeUndefined();
    } finally {
      own.resume();
      await writer.close();
    }
  }
});

test('a backlog larger than a message arrives whole and in order', async () => {
  const [own, ...others] = cluster.members;
  if (!own) throw new Error('three members');
  const reader = await open([own.endpoint], { tls });
  const prefix = `${CONFIG_MAPS}large/`;
  const seen = collect(reader.cache.watch({ fromRevision: reader.cache.clock, signal: new AbortController().signal, prefix }), (items) => items.length === 40);
  await own.kill();
  const writer = await open(
    others.map((member) => member.endpoint),
    { tls },
  );
  const written: string[] = [];
  for (let n = 0; n < 40; n += 1) written.push(`put l${n}@${(await create(writer.storage, `l${n}`, { x: 'x'.repeat(300_000) }, 'large')).revision}`);
  await own.start();
  expect((await seen).map(tell)).toEqual(written);
  await reader.close();
  await writer.close();
});

test('without a certificate of its authority, etcd is not reached, and opening ends with the signal', async () => {
  const { openStorage } = await import('../../apiserver/storage/openStorage.ts');
  const { silentLogger } = await import('../../process/log.ts');
  const stop = new AbortController();
  const opening = openStorage({ endpoints: cluster.endpoints, tls: { ...tls, cert: '', key: '' }, requestTimeoutMilliseconds: 300 }, { clock: systemClock, logger: silentLogger, signal: stop.signal });
  await systemClock.sleep(1_000);
  stop.abort();
  await expect(opening).rejects.toThrow('abort');
});
