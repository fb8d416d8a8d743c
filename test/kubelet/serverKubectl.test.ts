import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunningApiServer, start as startApiServer } from '../../apiserver/main.ts';
import { ConfigMaps, Events, Namespaces, Pods, ServiceAccounts } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { KUBELET_DEFAULTS } from '../../kubelet/config.ts';
import { type RunningKubelet, start as startKubelet } from '../../kubelet/main.ts';
import { createAuthority, createSigningKey, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { startEtcd } from '../rig/etcd.ts';
import { kubectlPath, type KubectlResult, type KubectlVersion, runKubectl } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, shell } from './fixture.ts';

jest.setTimeout(400_000);

/** Of this process alone, so that the port is nobody else's. */
const NODE_ADDRESS = `127.${1 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const stopKubelet = new AbortController();
const stopApi = new AbortController();
let etcd: Awaited<ReturnType<typeof startEtcd>>;
let host: DockerHost;
let api: RunningApiServer;
let kubelet: RunningKubelet;
let client: RestClient;
let kubeconfig: string;

const context = (signal: AbortSignal) => ({ clock: systemClock, logger: silentLogger, signal });

beforeAll(async () => {
  [etcd, host] = await Promise.all([startEtcd(), startDockerHost()]);
  await host.loadBusybox(IMAGE);
  const root = join(host.directory, 'kubelet');
  await mkdir(root, { recursive: true });
  const authority = await createAuthority('kubernetes', Date.now());
  const issue = (commonName: string, usages: readonly ('client' | 'server')[], organizations: readonly string[] = []): Promise<KeyPair> =>
    issueCertificate(authority, { commonName, organizations: [...organizations], usages: [...usages], names: ['127.0.0.1', NODE_ADDRESS, 'localhost', 'node1'] }, Date.now());
  const [serving, kubeletClient, admin, node, nodeServer] = await Promise.all([
    issue('kube-apiserver', ['server']), issue('kube-apiserver-kubelet-client', ['client'], ['kubeadm:cluster-admins']), issue('admin', ['client'], ['system:masters']),
    issue('system:node:node1', ['client'], ['system:masters']), issue('system:node:node1', ['server']),
  ]);
  api = await startApiServer(
    {
      bindAddress: '127.0.0.1', securePort: 0, advertiseAddress: '127.0.0.1', certificate: serving.certificate, key: serving.key, clientAuthority: authority.certificate, etcd: { endpoints: etcd.endpoints },
      serviceAccountKey: createSigningKey().privateKey, shutdownMilliseconds: 2000, kubeletClient: { certificate: kubeletClient.certificate, key: kubeletClient.key, authority: authority.certificate },
    },
    context(stopApi.signal),
  );
  const server = `https://127.0.0.1:${api.port}`;
  client = new RestClient({ servers: [server], ca: authority.certificate, certificate: admin.certificate, key: admin.key }, { component: 'test', clock: systemClock });
  const files = { 'ca.crt': authority.certificate, 'admin.crt': admin.certificate, 'admin.key': admin.key, 'node.crt': nodeServer.certificate, 'node.key': nodeServer.key };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  kubeconfig = join(root, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'test', contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': join(root, 'ca.crt') } }], users: [{ name: 'test', user: { 'client-certificate': join(root, 'admin.crt'), 'client-key': join(root, 'admin.key') } }],
  }));
  kubelet = await startKubelet(
    {
      ...KUBELET_DEFAULTS, nodeName: 'node1', kubeconfig: { servers: [server], ca: authority.certificate, certificate: node.certificate, key: node.key }, instance: host.instance, rootDir: root,
      podLogsDir: join(root, 'log/pods'), containerLogsDir: join(root, 'log/containers'), dockerSocket: host.socketPath, cgroupRoot: `gantry-${host.instance}`, cniConfDir: join(root, 'net.d'), cniCommandPrefix: host.enter,
      nodeIPs: [NODE_ADDRESS], address: NODE_ADDRESS, port: 19250, tlsCertFile: join(root, 'node.crt'), tlsPrivateKeyFile: join(root, 'node.key'), clientCAFile: join(root, 'ca.crt'),
    },
    context(stopKubelet.signal),
  );
  const node1 = await client.raw({ method: 'PATCH', path: '/api/v1/nodes/node1', headers: { 'content-type': 'application/merge-patch+json' }, body: JSON.stringify({ spec: { podCIDR: '10.244.7.0/24', podCIDRs: ['10.244.7.0/24'] } }) });
  if (node1.status !== 200) throw new Error(node1.body.toString());
  await eventually('the namespace default', 60_000, async () => client.get(Namespaces, 'default').catch(() => undefined));
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }, 'default');
  await client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' },
    spec: { nodeName: 'node1', automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers: [shell('main', `mkdir /www; echo from the pod > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; echo one; echo two; ${FOREVER}`)] },
  }, 'default');
  await eventually('web runs', 90_000, async () => ((await client.get(Pods, 'web', 'default')).status?.phase === 'Running' ? true : undefined));
  // By then its web server listens.
  await eventually('web has said all that it says', 60_000, async () => ((await run(['logs', 'web'])).stdout.endsWith('two\n') ? true : undefined));
});

afterAll(async () => {
  client?.close();
  stopKubelet.abort();
  await kubelet?.stopped;
  stopApi.abort();
  await api?.stopped;
  await host?.stop();
  await etcd?.close();
});

const run = (words: readonly string[]): Promise<KubectlResult> => runKubectl('1.36', words, { kubeconfig, timeoutMilliseconds: 90_000 });

test('a pod has its token and authority, and sees a ConfigMap change while it runs', async () => {
  for (const [name, data] of [['kube-root-ca.crt', { 'ca.crt': 'PEM' }], ['settings', { colour: 'green' }]] as const) await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }, 'default');
  await client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sees' },
    spec: {
      nodeName: 'node1', terminationGracePeriodSeconds: 1, volumes: [{ name: 'v', configMap: { name: 'settings' } }, { name: 'late', configMap: { name: 'late' } }],
      containers: [shell('main', FOREVER, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    },
  }, 'default');
  const missing = 'MountVolume.SetUp failed for volume "late" : configmap "late" not found';
  await eventually('the event is written', 60_000, async () => ((await client.list(Events, { namespace: 'default' })).items.some(({ reason, message }) => reason === 'FailedMount' && message === missing) ? true : undefined));
  const state = await eventually('its state is told', 60_000, async () => (await client.get(Pods, 'sees', 'default')).status?.containerStatuses?.[0]?.state);
  expect(state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } }, 'default');
  await eventually('sees runs', 90_000, async () => ((await client.get(Pods, 'sees', 'default')).status?.phase === 'Running' ? true : undefined));
  const secrets = '/var/run/secrets/kubernetes.io/serviceaccount';
  const { stdout } = await run(['exec', 'sees', '--', 'sh', '-c', `cat ${secrets}/ca.crt ${secrets}/namespace ${secrets}/token`]);
  expect(stdout).toMatch(/^PEMdefaulteyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  await client.patch(ConfigMaps, 'settings', 'default', 'application/merge-patch+json', { data: { colour: 'red' } });
  await eventually('the change is seen', 90_000, async () => ((await run(['exec', 'sees', '--', 'cat', '/v/colour'])).stdout === 'red' ? true : undefined));
});

test('the kubelet by way of the API server, and refusals in its words', async () => {
  expect((await run(['get', '--raw', '/api/v1/nodes/node1/proxy/healthz'])).stdout).toBe('ok');
  expect((await run(['get', '--raw', '/api/v1/nodes/node1/proxy/stats/summary'])).stdout).toContain('"podRef":{"name":"web"');
  await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nowhere' }, spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: IMAGE }] } }, 'default');
  expect((await run(['exec', 'nowhere', '--', 'true'])).stderr).toContain('pod nowhere does not have a host assigned');
  expect(await run(['logs', 'nowhere'])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('attach joins the first process of a container', async () => {
  const said = await runKubectl('1.36', ['run', 'talker', `--image=${IMAGE}`, '--image-pull-policy=IfNotPresent', '--restart=Never', '-i', '--overrides={"spec":{"nodeName":"node1","automountServiceAccountToken":false}}', '--command', '--', 'sh', '-c', 'read line; echo "got $line"'], { kubeconfig, input: 'hello\n', timeoutMilliseconds: 120_000 });
  expect([said.stdout.includes('got hello'), said.code, said.stderr]).toEqual([true, 0, expect.any(String)]);
});

const VERSIONS: readonly KubectlVersion[] = ['1.20', '1.32', '1.36'];

describe.each(VERSIONS)('kubectl %s', (version) => {
  const kubectl = (words: readonly string[], input?: string): Promise<KubectlResult> => runKubectl(version, words, { kubeconfig, timeoutMilliseconds: 90_000, ...(input === undefined ? {} : { input }) });

  test('logs', async () => {
    expect(await kubectl(['logs', 'web', '--tail=1'])).toEqual({ code: 0, stdout: 'two\n', stderr: '' });
    expect((await kubectl(['logs', 'web', '--previous'])).stderr).toContain('previous terminated container "main" in pod "web" not found');
    expect((await kubectl(['logs', 'web', '-c', 'none'])).stderr).toContain('container none is not valid for pod web');
  });

  test('exec: output, exit code, input that ends', async () => {
    // kubectl may hear of a stream before it has made it, and says so then; what counts arrives all the same.
    expect(await kubectl(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({ code: 3, stdout: 'out\n', stderr: expect.stringMatching(/^(E.* Unknown stream id \d, discarding message\n)*err\ncommand terminated with exit code 3\n$/) });
    const text = 'x'.repeat(2 << 20);
    const echoed = await kubectl(['exec', '-i', 'web', '--', 'sh', '-c', 'wc -c; echo end'], text);
    expect([echoed.stdout, echoed.code]).toEqual([`${text.length}\nend\n`, 0]);
    const big = await kubectl(['exec', 'web', '--', 'sh', '-c', 'head -c 20000000 /dev/zero']);
    expect([big.stdout.length, big.code]).toEqual([20_000_000, 0]);
  });

  test('port-forward', async () => {
    const child = spawn(kubectlPath(version), ['--kubeconfig', kubeconfig, 'port-forward', 'pod/web', ':8080'], { env: { HOME: '/nonexistent' } });
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let said = '';
        child.stdout.on('data', (text: Buffer) => {
          said += String(text);
          const found = /127\.0\.0\.1:(\d+) ->/.exec(said)?.[1];
          if (found) resolve(found);
        });
        child.stderr.on('data', (text: Buffer) => (said += String(text)));
        child.once('exit', () => reject(new Error(said)));
      });
      for (let round = 0; round < 3; round += 1) expect(await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()).toBe('from the pod\n');
    } finally {
      child.kill();
    }
  });
});
