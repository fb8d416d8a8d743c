import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1ConfigMap } from '../../api/generated/types.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { Informer } from '../../client/types.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { flakyNetwork } from './flakyNetwork.ts';

/** A client of two API servers that are processes of their own, of which one fails in every way: what it watches and asks goes on with the other. */
interface Server {
  readonly url: string;
  readonly child: ChildProcess;
}

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let folder: string;
let config: Omit<ClientConfig, 'servers'>;
let base: object;
const servers: Server[] = [];
const stop = new AbortController();

beforeAll(async () => {
  etcd = await startEtcd();
  folder = mkdtempSync(join(tmpdir(), 'gantry-two-servers-'));
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  const admin = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }, Date.now());
  base = { bindAddress: '127.0.0.1', securePort: 0, certificate: server.certificate, key: server.key, clientAuthority: authority.certificate, serviceAccountKey: createSigningKey().privateKey };
  config = { ca: authority.certificate, certificate: admin.certificate, key: admin.key };
}, 30_000);
afterEach(() => {
  for (const { child } of servers.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  stop.abort();
  await etcd.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startServer(name: string, address: string, endpoints: readonly string[]): Promise<Server> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ ...base, hostname: name, advertiseAddress: address, etcd: { endpoints } }));
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, join(repositoryRoot, 'test/apiserver/runServer.ts'), file], { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    child.once('exit', () => reject(new Error('the server ended before it served')));
  });
  const server = { url: `https://127.0.0.1:${port}`, child };
  servers.push(server);
  return server;
}

/** A client and an informer that begin with the first of the servers. */
async function follow(list: readonly Server[]): Promise<{ readonly client: RestClient; readonly informer: Informer<V1ConfigMap>; readonly close: () => void }> {
  const client = new RestClient({ ...config, servers: list.map(({ url }) => url) }, { component: 'test', clock: systemClock });
  const done = new AbortController();
  const signal = AbortSignal.any([stop.signal, done.signal]);
  await eventually('the servers are ready', 20_000, async () => ((await client.raw({ method: 'GET', path: '/readyz' })).status === 200 ? true : undefined));
  const informers = new InformerFactoryImpl({ client, clock: systemClock, logger: silentLogger });
  const informer = informers.informer(ConfigMaps, { namespace: 'default' });
  informers.start(signal);
  await informer.synced(signal);
  return {
    client,
    informer,
    close: () => {
      done.abort();
      client.close();
    },
  };
}

/** Writes through the second server, and waits until the informer has heard of it. */
async function heardOf(name: string, second: Server, informer: Informer<V1ConfigMap>): Promise<void> {
  const writer = new RestClient({ ...config, servers: [second.url] }, { component: 'test', clock: systemClock });
  await writer.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } }, 'default');
  writer.close();
  await eventually(`the informer has heard of ${name}`, 25_000, () => informer.get(`default/${name}`));
}

test.each<[string, NodeJS.Signals]>([['killed', 'SIGKILL'], ['stopped in the middle', 'SIGSTOP']])('the server is %s', async (_, signal) => {
  const [first, second] = [await startServer('one', '192.0.2.1', etcd.endpoints), await startServer('two', '192.0.2.2', etcd.endpoints)];
  const { client, informer, close } = await follow([first, second]);
  first.child.kill(signal);
  await heardOf(`after-${signal.toLowerCase()}`, second, informer);
  await expect(client.list(ConfigMaps, { namespace: 'default' })).resolves.toMatchObject({ kind: 'ConfigMapList' });
  close();
}, 60_000);

test('the server is cut off from etcd: it answers, but knows nothing new', async () => {
  const network = await flakyNetwork(Number(new URL(etcd.endpoints[0]!).port));
  const [first, second] = [await startServer('one', '192.0.2.1', [`http://127.0.0.1:${network.port}`]), await startServer('two', '192.0.2.2', etcd.endpoints)];
  const { client, informer, close } = await follow([first, second]);
  network.cut();
  await heardOf('after-cut', second, informer);
  // A consistent read is refused by the first one, and answered by the second.
  await expect(client.get(ConfigMaps, 'after-cut', 'default')).resolves.toMatchObject({ metadata: { name: 'after-cut' } });
  close();
  await network.close();
}, 60_000);
