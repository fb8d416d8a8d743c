import type { V1ConfigMap } from '../../api/generated/types.ts';
import { InformerFactoryImpl } from '../../client/informerFactory.ts';
import { ConfigMaps } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import type { Informer } from '../../client/types.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { type ServerProcess, startServerProcess } from '../rig/serverProcess.ts';
import { serverSetting, type ServerSetting } from '../rig/serverSetting.ts';
import { flakyNetwork } from './flakyNetwork.ts';

/** A client of two API servers that are processes of their own, of which one fails in every way: what it watches and asks goes on with the other. */
interface Server {
  readonly url: string;
  readonly process: ServerProcess;
}

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let setting: ServerSetting;
const servers: Server[] = [];
const stop = new AbortController();

beforeAll(async () => {
  etcd = await startEtcd();
  setting = await serverSetting(etcd.endpoints);
});
afterEach(() => {
  for (const { process } of servers.splice(0)) process.signal('SIGKILL');
});
afterAll(async () => {
  stop.abort();
  setting.agent.destroy();
  await etcd.close();
});

async function startServer(hostname: string, advertiseAddress: string, endpoints: readonly string[]): Promise<Server> {
  const process = await startServerProcess({ ...setting.config, hostname, advertiseAddress, etcd: { endpoints } }, setting.agent);
  const server = { url: `https://127.0.0.1:${process.port}`, process };
  servers.push(server);
  return server;
}

/** A client and an informer that begin with the first of the servers. */
async function follow(list: readonly Server[]): Promise<{ readonly client: RestClient; readonly informer: Informer<V1ConfigMap>; readonly close: () => void }> {
  const client = new RestClient({ ...setting.administrator, servers: list.map(({ url }) => url) }, { component: 'test', clock: systemClock });
  const done = new AbortController();
  const signal = AbortSignal.any([stop.signal, done.signal]);
  await eventually('the servers are ready', 90_000, async () => ((await client.raw({ method: 'GET', path: '/readyz' })).status === 200 ? true : undefined));
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
  const writer = new RestClient({ ...setting.administrator, servers: [second.url] }, { component: 'test', clock: systemClock });
  await writer.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } }, 'default');
  writer.close();
  await eventually(`the informer has heard of ${name}`, 120_000, () => informer.get(`default/${name}`));
}

test.each<[string, NodeJS.Signals]>([['killed', 'SIGKILL'], ['stopped in the middle', 'SIGSTOP']])('the server is %s', async (_, signal) => {
  const [first, second] = [await startServer('one', '192.0.2.1', etcd.endpoints), await startServer('two', '192.0.2.2', etcd.endpoints)];
  const { client, informer, close } = await follow([first, second]);
  first.process.signal(signal);
  await heardOf(`after-${signal.toLowerCase()}`, second, informer);
  await expect(client.list(ConfigMaps, { namespace: 'default' })).resolves.toMatchObject({ kind: 'ConfigMapList' });
  close();
});

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
});
