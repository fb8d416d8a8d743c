import { request } from 'node:https';
import { createConnection } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { type RawData, WebSocket } from 'ws';
import { RefusedError } from '../../kubelet/server/access.ts';
import { type KubeletServer, serveKubelet } from '../../kubelet/server/kubeletServer.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { silentLogger } from '../../process/log.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
let host: DockerHost;
let rig: WorkerRig;
let server: KubeletServer;
let authority: KeyPair;
let client: KeyPair;
const pod = makePod('web', [shell('main', `mkdir /www; echo from the pod > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; echo one; echo two; ${FOREVER}`)]);

beforeAll(async () => {
  host = await startDockerHost();
  await host.loadBusybox(IMAGE);
  rig = await startWorkers(host);
  authority = await createAuthority('test', Date.now());
  const own = await issueCertificate(authority, { commonName: 'node1', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
  client = await issueCertificate(authority, { commonName: 'apiserver', organizations: ['admins'], usages: ['client'] }, Date.now());
  const pods = { pods: () => rig.workers.pods(), podByName: (namespace: string, name: string) => rig.workers.pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name) };
  const access = { check: async ({ socket }: { readonly socket: unknown }) => { if (!(socket as TLSSocket).authorized) throw new RefusedError(401, 'Unauthorized'); } };
  server = await serveKubelet({
    address: '127.0.0.1', port: 0, certificate: own.certificate, key: own.key, clientAuthority: authority.certificate, nodeName: 'node1', access, pods,
    runtime: rig.context.runtime, configuration: { nodeName: 'node1' }, clock: rig.context.clock, logger: silentLogger,
  });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  // By then its web server listens.
  await eventually('it has said all that it says', 60_000, async () => ((await get('/containerLogs/default/web/main')).body.endsWith('two\n') ? true : undefined));
});

afterAll(async () => {
  await server?.close();
  await rig?.stop();
  await host?.stop();
});

const tls = () => ({ ca: authority.certificate, cert: client.certificate, key: client.key });

function get(path: string, known = true): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, ...(known ? tls() : { ca: authority.certificate }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    }).once('error', reject).end();
  });
}

interface Said {
  readonly channels: ReadonlyMap<number, Buffer>;
  readonly protocol: string;
}

/** Sends the messages and collects what comes until the connection ends. */
function talk(path: string, protocol: string, messages: readonly Buffer[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, protocol, tls());
    const channels = new Map<number, Buffer>();
    socket.on('open', () => messages.forEach((message) => socket.send(message)));
    socket.on('message', (data: RawData) => {
      const bytes = data as Buffer;
      channels.set(bytes[0] ?? -1, Buffer.concat([channels.get(bytes[0] ?? -1) ?? Buffer.alloc(0), bytes.subarray(1)]));
    });
    socket.once('close', () => resolve({ channels, protocol: socket.protocol }));
    socket.once('error', reject);
  });
}

const exec = (command: readonly string[], more = ''): string => `/exec/default/web/main?${command.map((word) => `command=${encodeURIComponent(word)}`).join('&')}&output=1&error=1${more}`;

test('who is not known is told nothing', async () => {
  expect(await get('/pods', false)).toEqual({ status: 401, body: 'Unauthorized' });
});

test('pods, health, statistics and configuration', async () => {
  expect((await get('/healthz')).body).toBe('ok');
  const list = JSON.parse((await get('/pods')).body) as { readonly kind: string; readonly items: readonly unknown[] };
  expect([list.kind, list.items.length]).toEqual(['PodList', 1]);
  expect(JSON.parse((await get('/stats/summary')).body)).toMatchObject({ node: { nodeName: 'node1' }, pods: [{ podRef: { name: 'web' }, containers: [{ name: 'main' }] }] });
  expect((await get('/metrics/cadvisor')).body).toContain('container_memory_working_set_bytes{container="main"');
  expect((await get('/metrics')).body).toContain('kubelet_running_pods 1');
});

test('logs with their options and refusals', async () => {
  expect(await get('/containerLogs/default/web/main')).toEqual({ status: 200, body: 'one\ntwo\n' });
  expect((await get('/containerLogs/default/web/main?tailLines=1&timestamps=true')).body).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z two\n$/);
  expect(await get('/containerLogs/default/web/main?previous=true')).toEqual({ status: 400, body: 'previous terminated container "main" in pod "web" not found' });
  expect(await get('/containerLogs/default/none/main')).toEqual({ status: 404, body: 'pod does not exist' });
});

test('exec by WebSocket: output, exit code, half-closed input', async () => {
  const failed = await talk(exec(['sh', '-c', 'echo out; echo err >&2; exit 3']), 'v5.channel.k8s.io', []);
  expect(failed.protocol).toBe('v5.channel.k8s.io');
  expect([failed.channels.get(1)?.toString(), failed.channels.get(2)?.toString()]).toEqual(['out\n', 'err\n']);
  expect(JSON.parse(failed.channels.get(3)?.toString() ?? '')).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
  const big = Buffer.alloc(3 << 20, 'x');
  const parts = Array.from({ length: 3 }, (_, at) => Buffer.concat([Buffer.of(0), big.subarray(at << 20, (at + 1) << 20)]));
  const echoed = await talk(exec(['cat'], '&input=1'), 'v5.channel.k8s.io', [...parts, Buffer.of(255, 0)]);
  expect(echoed.channels.get(1)?.equals(big)).toBe(true);
  expect(JSON.parse(echoed.channels.get(3)?.toString() ?? '')).toMatchObject({ status: 'Success' });
});

test('a terminal has the size that the client says', async () => {
  const said = await talk(exec(['sh', '-c', 'until [ "$(stty size 2>/dev/null)" = "31 97" ]; do sleep 0.1; done; stty size'], '&input=1&tty=1'), 'v4.channel.k8s.io', [Buffer.concat([Buffer.of(4), Buffer.from('{"Width":97,"Height":31}\n')])]);
  expect(said.channels.get(1)?.toString()).toBe('31 97\r\n');
});

test('attach shows what the container goes on to write', async () => {
  const noisy = makePod('noisy', [shell('main', 'read word; echo "attached to $word"', { stdin: true })], { restartPolicy: 'Never' });
  rig.workers.update(noisy);
  await rig.until(noisy.metadata.uid, ({ phase }) => phase === 'Running');
  // It waits for a word from whoever is attached.
  const said = await talk('/attach/default/noisy/main?output=1&input=1', 'v5.channel.k8s.io', [Buffer.concat([Buffer.of(0), Buffer.from('it\n')])]);
  expect(said.channels.get(1)?.toString()).toBe('attached to it\n');
  rig.workers.remove(noisy.metadata.uid);
});

test('port-forward reaches the loopback of the pod', async () => {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/portForward/default/web?ports=8080`, 'v4.channel.k8s.io', tls());
  const received: Buffer[] = [];
  socket.on('open', () => socket.send(Buffer.concat([Buffer.of(0), Buffer.from('GET / HTTP/1.0\r\n\r\n')])));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: RawData) => {
      if ((data as Buffer)[0] === 0) received.push((data as Buffer).subarray(1));
      if (Buffer.concat(received).includes('from the pod')) resolve();
    });
    socket.once('close', () => resolve());
  });
  socket.terminate();
  expect(Buffer.concat(received).subarray(0, 2).readUInt16LE()).toBe(8080);
  expect(Buffer.concat(received).toString()).toContain('from the pod');
});

test('a connection that speaks no TLS harms nobody', async () => {
  const plain = createConnection(server.port, '127.0.0.1');
  plain.write('GET / HTTP/1.0\r\n\r\n');
  await new Promise((resolve) => plain.once('close', resolve).once('error', resolve));
  expect((await get('/healthz')).body).toBe('ok');
  const upgrade = connect({ host: '127.0.0.1', port: server.port, ...tls() }, () => upgrade.write('GET /exec/default/web/main?command=x&output=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'));
  const answer = await new Promise<string>((resolve) => upgrade.once('data', (data) => resolve(String(data))));
  expect(answer).toContain('HTTP/1.1 400');
});
