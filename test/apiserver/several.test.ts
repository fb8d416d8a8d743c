import https from 'node:https';
import { once } from 'node:events';
import net from 'node:net';
import { connect } from 'node:tls';
import { type ApiServerConfig, start } from '../../apiserver/main.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import { type Clock, systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { readWatch, send, type Answer } from '../rig/apiserver.ts';
import { PATIENT, startEtcd } from '../rig/etcd.ts';
import { eventually } from '../rig/processes.ts';
import { type ServerProcess, startServerProcess } from '../rig/serverProcess.ts';
import { serverSetting, type ServerSetting } from '../rig/serverSetting.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const SLICE = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?labelSelector=apiserver.kubernetes.io/identity=kube-apiserver';

let etcd: Awaited<ReturnType<typeof startEtcd>>;
let setting: ServerSetting;
let agent: https.Agent;
const running: ServerProcess[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  setting = await serverSetting(etcd.endpoints);
  ({ agent } = setting);
});

afterAll(async () => {
  for (const server of running) server.signal('SIGKILL');
  agent.destroy();
  await etcd.close();
});

async function startServer(hostname: string, advertiseAddress: string, more: Partial<ApiServerConfig> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ ...setting.config, shutdownMilliseconds: undefined, hostname, advertiseAddress, ...more }, agent);
  running.push(server);
  return server;
}

const get = (port: number, path: string): Promise<Answer> => send(agent, port, 'GET', path);

/** One watch on one server; hands each event on until it breaks or is stopped. */
function watchOnce(port: number, from: string, seen: (name: string, resourceVersion: string) => void, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let rest = '';
    const request = https.get({ agent, host: '127.0.0.1', port, path: `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`, signal: stop }, (response) => {
      response.on('error', () => resolve());
      response.on('close', resolve);
      response.on('data', (piece: Buffer) => {
        // One that has not heard of so late a version says so; it is asked again.
        if (response.statusCode !== 200) return;
        const lines = (rest + piece.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event: { readonly type: string; readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } } } = JSON.parse(line);
          expect(event.type).toBe('ADDED');
          seen(event.object.metadata.name, event.object.metadata.resourceVersion);
        }
      });
    });
    request.on('error', () => resolve());
  });
}

test('a watch that breaks with its server goes on at the other, and nothing is missed or doubled; the endpoints follow the servers that live', async () => {
  const one = await startServer('one', '192.0.2.1');
  const two = await startServer('two', '192.0.2.2');
  const addresses = async (): Promise<string[]> => ((await get(two.port, SLICE)).json.endpoints ?? []).map(({ addresses: [address] }: { addresses: string[] }) => address);
  await eventually('both are endpoints', 90_000, async () => ((await addresses()).join() === '192.0.2.1,192.0.2.2' ? true : undefined));
  const leases = await eventually('both have a lease', 90_000, async () => {
    const items: { metadata: { name: string; labels: Record<string, string> }; spec: object }[] = (await get(two.port, LEASES)).json.items;
    return ['one', 'two'].every((name) => items.some(({ metadata }) => metadata.labels['kubernetes.io/hostname'] === name)) ? items : undefined;
  });
  expect(leases[0]).toMatchObject({ metadata: { name: expect.stringMatching(/^apiserver-[a-z2-7]{26}$/) }, spec: { leaseDurationSeconds: 3600, holderIdentity: expect.stringMatching(/^apiserver-[a-z2-7]{26}_/) } });

  const stop = new AbortController();
  const seen: string[] = [];
  let version: string = (await get(one.port, CONFIG_MAPS)).json.metadata.resourceVersion;
  let breaks = 0;
  const watching = (async () => {
    for (let port = one.port; !stop.signal.aborted; port = two.port) {
      await watchOnce(port, version, (name, at) => {
        expect(Number(at)).toBeGreaterThan(Number(version));
        version = at;
        seen.push(name);
      }, stop.signal);
      breaks += 1;
    }
  })();
  const written: string[] = [];
  for (let n = 0; n < 200; n += 1) {
    if (n === 70) {
      await eventually('the first has told of some', 60_000, () => (seen.length > 0 ? true : undefined));
      one.signal('SIGKILL');
    }
    expect((await send(agent, two.port, 'POST', CONFIG_MAPS, { metadata: { name: `c${n}` } })).status).toBe(201);
    written.push(`c${n}`);
  }
  await eventually('everything was seen', 60_000, () => (seen.length >= written.length ? true : undefined));
  stop.abort();
  await watching;
  expect(breaks).toBeGreaterThan(1);
  expect(seen).toEqual(written);

  await eventually('the dead one is no endpoint any more', 120_000, async () => ((await addresses()).join() === '192.0.2.2' ? true : undefined));
  two.signal('SIGTERM');
  await two.ended;
});

test('a server that is told to stop is unready at once, serves on for the delay, ends watches, and is gone from the endpoints', async () => {
  const stays = await startServer('stays', '192.0.2.3');
  // Its delay is over when this test says so; what is under way after it would be waited for until this test has failed.
  const [delay, over, stop] = [123_456, Promise.withResolvers<void>(), new AbortController()];
  const clock: Clock = { ...systemClock, sleep: (milliseconds, signal) => (milliseconds === delay ? over.promise : systemClock.sleep(milliseconds, signal)) };
  const config = { ...setting.config, hostname: 'goes', advertiseAddress: '192.0.2.4', shutdownDelayMilliseconds: delay, shutdownMilliseconds: 3_600_000 };
  const goes = await start(config, { clock, logger: silentLogger, signal: stop.signal });
  const listed = async (): Promise<boolean> => JSON.stringify((await get(stays.port, SLICE)).json.endpoints).includes('192.0.2.4');
  await eventually('it is an endpoint', 90_000, async () => ((await listed()) ? true : undefined));
  await send(agent, goes.port, 'POST', CONFIG_MAPS, { metadata: { name: 'early' } });
  const watch = readWatch(agent, goes.port, `${CONFIG_MAPS}?watch=true`);
  await watch.next();
  stop.abort();
  const unready = await eventually('/readyz fails', 60_000, async () => {
    const answer = await get(goes.port, '/readyz');
    return answer.status === 500 && answer.text.includes('shutdown') ? answer : undefined;
  });
  expect(unready.text).toContain('[-]shutdown failed');
  expect((await send(agent, goes.port, 'POST', CONFIG_MAPS, { metadata: { name: 'late' } })).status).toBe(201);
  await eventually('it is no endpoint any more', 90_000, async () => ((await listed()) ? undefined : true));
  expect((await get(goes.port, '/livez')).status).toBe(200);
  over.resolve();
  await watch.ended;
  // Nothing waits for connections that are idle.
  await goes.stopped;
  await expect(once(net.connect(goes.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  stays.signal('SIGTERM');
  await stays.ended;
});

test('a renewed certificate is shown to those who connect from then on', async () => {
  const stop = new AbortController();
  const authority = await createAuthority('kubernetes', Date.now());
  const issue = async (): Promise<{ certificate: string; key: string }> => issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  let present = await issue();
  let changed = (): void => undefined;
  const server = await start(
    {
      bindAddress: '127.0.0.1', securePort: 0, advertiseAddress: '192.0.2.5', etcd: { endpoints: etcd.endpoints, ...PATIENT }, clientAuthority: authority.certificate, shutdownMilliseconds: 1_000,
      get certificate() {
        return present.certificate;
      },
      get key() {
        return present.key;
      },
      onCertificatesChange: (listener) => void (changed = listener),
    },
    { clock: systemClock, logger: silentLogger, signal: stop.signal },
  );
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: server.port, ca: authority.certificate, ALPNProtocols: ['http/1.1'] }, () => {
        resolve(socket.getPeerX509Certificate()?.toString() ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const before = await shown();
  present = await issue();
  changed();
  const after = await shown();
  expect(after).not.toBe(before);
  expect(after.trim()).toBe(present.certificate.trim());
  stop.abort();
  await server.stopped;
});
