import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { type RunningApiServer, start } from '../../apiserver/main.ts';
import { BoltError } from '../../cli/snapshot/boltFile.ts';
import { findRestorer, restoreData } from '../../cli/snapshot/restoreData.ts';
import { type SavedSnapshot, saveSnapshot } from '../../cli/snapshot/save.ts';
import { snapshotStatus, verifiedHash } from '../../cli/snapshot/snapshotStatus.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { InformerImpl } from '../../client/informer.ts';
import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { createAuthority, createSigningKey, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { freePorts } from '../../host/freePorts.ts';
import { EtcdMember, PATIENT } from '../rig/etcd.ts';
import { bounded } from './world.ts';

/** A cluster's state goes back to a snapshot while an API server and its watchers run. */
const RAISE = 1_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'gantry-restore-test-'));
const dataDir = join(folder, 'etcd');
const snapshot = join(folder, 'snapshot.db');
let etcd: EtcdMember;
let peerUrl: string;
let authority: KeyPair;
let server: KeyPair;
let clientConfig: ClientConfig;
let client: RestClient;
let saved: SavedSnapshot;
const signingKey = createSigningKey().privateKey;
const stop = new AbortController();

beforeAll(async () => {
  const [clientPort, peerPort, apiPort] = await freePorts(3);
  const endpoint = `http://127.0.0.1:${clientPort}`;
  peerUrl = `http://127.0.0.1:${peerPort}`;
  etcd = new EtcdMember(endpoint, `${endpoint}/health`, join(folder, 'etcd.log'), [
    '--name=m0', `--data-dir=${dataDir}`, `--listen-client-urls=${endpoint}`, `--advertise-client-urls=${endpoint}`, `--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`, `--initial-cluster=m0=${peerUrl}`, '--logger=zap',
  ]);
  await etcd.start();
  authority = await createAuthority('kubernetes', Date.now());
  server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const admin = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  clientConfig = { servers: [`https://127.0.0.1:${apiPort}`], ca: authority.certificate, certificate: admin.certificate, key: admin.key };
  client = new RestClient(clientConfig, { component: 'test', clock: systemClock });
});
afterAll(async () => {
  stop.abort();
  client.close();
  await Promise.allSettled(servers);
  await etcd.kill();
  rmSync(folder, { recursive: true, force: true });
});

const servers: Array<Promise<void>> = [];
async function startServer(): Promise<RunningApiServer> {
  const server = await startOne();
  servers.push(server.stopped);
  server.stopped.catch(() => undefined);
  return server;
}
const startOne = (): Promise<RunningApiServer> =>
  start(
    { bindAddress: '127.0.0.1', securePort: Number(new URL(clientConfig.servers[0]!).port), advertiseAddress: '192.0.2.1', certificate: server.certificate, key: server.key, clientAuthority: authority.certificate, serviceAccountKey: signingKey, etcd: { endpoints: [etcd.endpoint], ...PATIENT }, shutdownMilliseconds: 1_000 },
    { clock: systemClock, logger: silentLogger, signal: stop.signal },
  );
const draft = (name: string, value: string): Draft<V1ConfigMap> => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } });
async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 90_000; !(await holds()); await systemClock.sleep(50)) if (Date.now() > end) throw new Error(`not within 90 s: ${what}`);
}
const versionOf = (object: { metadata: { resourceVersion: string } }): number => Number(object.metadata.resourceVersion);
async function replaceEtcd(offset: number): Promise<void> {
  const restorer = findRestorer();
  if (!restorer) throw new Error('etcd-client is not installed');
  await restoreData(snapshot, { name: 'm0', peerUrl, dataDir: `${dataDir}.restored` }, offset, { etcd: '/usr/bin/etcd', restorer }, systemClock);
  await etcd.kill();
  rmSync(dataDir, { recursive: true });
  renameSync(`${dataDir}.restored`, dataDir);
  await etcd.start();
}

test('a snapshot of a running etcd has all that was acknowledged, and says what it holds', async () => {
  const api = await startServer();
  // The namespace `default` is made by the server once it serves.
  await eventually('the server is ready', async () => (await client.raw({ method: 'GET', path: '/readyz' })).status === 200);
  for (const name of ['kept', 'changed', 'deleted']) await client.create(ConfigMaps, draft(name, 'before'));
  const last = await client.create(ConfigMaps, draft('last', 'before'));
  saved = await saveSnapshot(snapshot, { endpoints: ['http://127.0.0.1:1', etcd.endpoint], tls: { ca: '', cert: '', key: '' } }, systemClock);
  expect(saved.revision).toBeGreaterThanOrEqual(versionOf(last));
  expect({ ...snapshotStatus(snapshot), hash: verifiedHash(snapshot) }).toEqual(saved);
  expect(saved).toMatchObject({ offset: 0, members: ['m0'], etcdVersion: expect.stringMatching(/^3\.\d+\.0$/) as string });

  const changed = await client.patch(ConfigMaps, 'changed', 'default', 'application/merge-patch+json', { data: { value: 'after' } });
  await client.delete(ConfigMaps, 'deleted', 'default');
  const surplus = await client.create(ConfigMaps, draft('surplus', 'after'));
  const seen: string[] = [];
  const informer = new InformerImpl(ConfigMaps, { namespace: 'default' }, { client, clock: systemClock, logger: silentLogger });
  const note = (what: string) => (object: V1ConfigMap): void => void seen.push(`${what} ${object.metadata.name} ${object.data?.['value'] ?? ''}`);
  informer.addHandler({ added: note('added'), updated: (_, object) => note('updated')(object), deleted: note('deleted') });
  const versions: number[] = [];
  const running = informer.run(stop.signal);
  await informer.synced();
  seen.length = 0;
  const watching = setInterval(() => versions.push(Number(informer.resourceVersion)), 20);

  try {
    // etcd is exchanged under a server that runs: it has to notice, and end.
    await replaceEtcd(RAISE);
    await expect(bounded(api.stopped, () => 'the server does not end')).rejects.toThrow('etcd was replaced');
    await startServer();

    // What was deleted after the snapshot is back, what came after it is gone, in this order of resourceVersions or later.
    await eventually('the informer has gone back', () => informer.get('default/surplus') === undefined && informer.get('default/deleted') !== undefined && informer.get('default/changed')?.data?.['value'] === 'before');
    expect(seen.sort()).toEqual(expect.arrayContaining(['added deleted before', 'deleted surplus after', 'updated changed before']));
    expect(versionOf(informer.get('default/kept')!)).toBeGreaterThan(RAISE);
    const next = await client.create(ConfigMaps, draft('next', 'later'));
    expect(versionOf(next)).toBeGreaterThan(RAISE + saved.revision);
    await eventually('the informer goes on', () => informer.get('default/next') !== undefined);
    const present = await client.list(ConfigMaps, { namespace: 'default' });
    expect(informer.list().map(({ metadata }) => metadata.name).sort()).toEqual(present.items.map(({ metadata }) => metadata.name).sort());
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));

    // What a client kept from before is never taken for the present.
    await expect(client.update(ConfigMaps, changed)).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    const path = `/api/v1/namespaces/default/configmaps?resourceVersion=${surplus.metadata.resourceVersion}`;
    expect((await client.raw({ method: 'GET', path: `${path}&resourceVersionMatch=Exact&limit=500` })).status).toBe(410);
    const watch = await client.raw({ method: 'GET', path: `${path}&watch=1&timeoutSeconds=5` });
    expect(`${watch.status} ${watch.body.toString()}`).toMatch(/410/);
  } finally {
    clearInterval(watching);
  }
  void running;
});

test('the same snapshot restored once more is ahead of the first time', async () => {
  const before = versionOf(await client.create(ConfigMaps, draft('between', 'x')));
  await replaceEtcd(RAISE * 2);
  await startServerAgain();
  const { metadata } = await client.list(ConfigMaps, { namespace: 'default' });
  expect(Number(metadata.resourceVersion)).toBeGreaterThan(before);
  expect(snapshotStatus(join(dataDir, 'member', 'snap', 'db')).offset).toBe(RAISE * 2);
});

/** The one that runs has to end first. */
async function startServerAgain(): Promise<RunningApiServer> {
  for (const end = Date.now() + 90_000; ; await systemClock.sleep(200)) {
    try {
      return await startServer();
    } catch (error) {
      if (Date.now() > end || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

test('what is damaged, or no snapshot at all, is told', () => {
  const broken = join(folder, 'broken.db');
  const bytes = Buffer.alloc(512 * 40 + 32);
  writeFileSync(broken, bytes);
  expect(() => verifiedHash(broken)).toThrow('is damaged');
  expect(() => snapshotStatus(broken)).toThrow(BoltError);
  writeFileSync(broken, 'hello');
  expect(() => snapshotStatus(broken)).toThrow(BoltError);
});
