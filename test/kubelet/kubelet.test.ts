import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import { Events, Leases, Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { KUBELET_DEFAULTS, type KubeletConfig } from '../../kubelet/config.ts';
import { readLogs } from '../../kubelet/logs/readLogs.ts';
import { type RunningKubelet, start } from '../../kubelet/main.ts';
import { dockerRuntime } from '../../kubelet/runtime/docker.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { IMAGE, shell } from './fixture.ts';

jest.setTimeout(300_000);

const NODE = 'node1';
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
let api: TestApi;
let host: DockerHost;
let client: RestClient;
let config: KubeletConfig;
let kubelet: RunningKubelet | undefined;
let stop = new AbortController();

async function startKubelet(): Promise<void> {
  stop = new AbortController();
  kubelet = await start(config, { clock: systemClock, logger: silentLogger, signal: stop.signal });
}

async function stopKubelet(): Promise<void> {
  stop.abort();
  await kubelet?.stopped;
  kubelet = undefined;
}

beforeAll(async () => {
  [api, host] = await Promise.all([startHandlers(), startDockerHost({ liveRestore: true })]);
  await host.loadBusybox(IMAGE);
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  const root = join(host.directory, 'kubelet');
  await mkdir(join(root, 'manifests'), { recursive: true });
  config = {
    ...KUBELET_DEFAULTS,
    nodeName: NODE, kubeconfig: clientConfigOf(api), instance: host.instance, rootDir: root, podLogsDir: join(root, 'log/pods'), containerLogsDir: join(root, 'log/containers'),
    dockerSocket: host.socketPath, cgroupRoot: `gantry-${host.instance}`, staticPodPath: join(root, 'manifests'), cniConfDir: join(root, 'net.d'), cniCommandPrefix: host.enter,
    nodeIPs: ['10.240.0.11'], nodeLabels: { rack: 'r1' }, housekeepingPeriod: 1000,
  };
  await startKubelet();
});

afterAll(async () => {
  await stopKubelet();
  client?.close();
  await api?.close();
  await host?.stop();
});

async function eventually<T>(what: string, look: () => Promise<T | undefined>, milliseconds = 60_000): Promise<T> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await systemClock.sleep(30)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not in time; pods: ${JSON.stringify((await client.list(Pods)).items.map(({ metadata, status }) => ({ name: metadata.name, status })), null, 1)}`);
}

const podIs = (name: string, is: (pod: V1Pod) => boolean): Promise<V1Pod> =>
  eventually(name, async () => {
    const pod = await find(name);
    return pod && is(pod) ? pod : undefined;
  });

async function find(name: string): Promise<V1Pod | undefined> {
  return client.get(Pods, name, 'default').catch((error: unknown) => {
    if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
    throw error;
  });
}

const runPod = (name: string, script: string): Promise<V1Pod> =>
  client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: NODE, terminationGracePeriodSeconds: 2, containers: [shell('main', script)] } });

async function logOf(pod: V1Pod): Promise<string> {
  const path = join(config.podLogsDir, `default_${pod.metadata.name}_${pod.metadata.uid}`, 'main', '0.log');
  const pieces: Buffer[] = [];
  const options = { follow: false, tailLines: undefined, since: undefined, timestamps: false, limitBytes: undefined, stream: 'All' as const };
  for await (const piece of readLogs({ path, running: async () => false, clock: systemClock, signal: stop.signal }, options)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('the node registers, and is Ready as soon as it has a pod subnet', async () => {
  const before = await eventually('status', async () => ((await client.get(Nodes, NODE)).status?.conditions ? client.get(Nodes, NODE) : undefined));
  expect(before.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: expect.stringContaining('cni plugin not initialized') });
  await client.patch(Nodes, NODE, undefined, 'application/merge-patch+json', { spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24'] } });
  const node = await eventually('Ready', async () => {
    const found = await client.get(Nodes, NODE);
    return found.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ? found : undefined;
  });
  expect(node.metadata.labels).toMatchObject({ rack: 'r1', 'kubernetes.io/hostname': NODE, 'kubernetes.io/os': 'linux' });
  expect(node.status?.addresses).toEqual([{ type: 'InternalIP', address: '10.240.0.11' }, { type: 'Hostname', address: NODE }]);
  expect(node.status?.nodeInfo).toMatchObject({ kubeletVersion: 'v1.36.0', containerRuntimeVersion: expect.stringMatching(/^docker:\/\/\d+/), operatingSystem: 'linux' });
  expect(node.status?.capacity).toMatchObject({ pods: '110' });
  const lease = await eventually('lease', () => client.get(Leases, NODE, 'kube-node-lease').catch(() => undefined));
  expect(lease.spec).toMatchObject({ holderIdentity: NODE, leaseDurationSeconds: 40 });
});

test('a pod that is bound to the node runs, is deleted gracefully, and leaves nothing', async () => {
  await runPod('web', `echo hello from web; ${FOREVER}`);
  const running = await podIs('web', (pod) => pod.status?.phase === 'Running' && pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True');
  expect(running.status).toMatchObject({ podIP: expect.stringMatching(/^10\.244\.9\./), hostIP: '10.240.0.11', qosClass: 'BestEffort' });
  expect(await eventually('its log', async () => (await logOf(running)) || undefined)).toBe('hello from web\n');
  await eventually('events', async () => {
    const { items } = await client.list(Events, { namespace: 'default', fieldSelector: 'involvedObject.name=web' });
    return ['Pulled', 'Created', 'Started'].every((wanted) => items.some(({ reason }) => reason === wanted)) ? true : undefined;
  });
  await client.delete(Pods, 'web', 'default');
  await eventually('deleted', async () => ((await find('web')) ? undefined : true));
  const runtime = dockerRuntime({ socketPath: host.socketPath, cluster: host.instance, node: NODE, negativeOomScore: false, clock: systemClock, logger: silentLogger });
  await eventually('cleaned', async () => ((await runtime.listPods()).length === 0 ? true : undefined));
});

test('a static pod is mirrored, and a changed file replaces it', async () => {
  const file = join(config.staticPodPath, 'static.yaml');
  const manifest = (word: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: static\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n    image: ${IMAGE}\n    imagePullPolicy: Never\n    command: [sh, -c, '${FOREVER.replaceAll('"', '').replace('trap exit 0 TERM', `echo ${word}; trap : TERM`)}']\n`;
  await writeFile(file, manifest('first'));
  const first = await podIs(`static-${NODE}`, (pod) => pod.status?.phase === 'Running');
  expect(first.metadata.annotations).toMatchObject({ 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.mirror': expect.any(String) });
  expect(first.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', name: NODE });
  await writeFile(file, manifest('second'));
  const second = await podIs(`static-${NODE}`, (pod) => pod.metadata.uid !== first.metadata.uid && pod.status?.phase === 'Running');
  expect(second.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  await rm(file);
  await eventually('mirror gone', async () => ((await find(`static-${NODE}`)) ? undefined : true));
});

test('a pod that is bound to the node and finds no room there fails', async () => {
  await client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'huge', namespace: 'default' }, spec: { nodeName: NODE, containers: [{ ...shell('main', FOREVER), resources: { requests: { cpu: '1000' } } }] },
  });
  const pod = await podIs('huge', ({ status }) => status?.phase === 'Failed');
  const { allocatable } = (await client.get(Nodes, NODE)).status ?? {};
  const message = `Node didn't have enough resource: cpu, requested: 1000000, used: 0, capacity: ${Number(allocatable?.['cpu']) * 1000}`;
  expect(pod.status).toMatchObject({ reason: 'OutOfcpu', message: `Pod was rejected: ${message}` });
  expect(pod.status?.containerStatuses).toBeUndefined();
  await eventually('event', async () => ((await client.list(Events, { namespace: 'default' })).items.some(({ reason, message: text }) => reason === 'OutOfcpu' && text === message) ? true : undefined));
  await stopKubelet();
  await startKubelet();
  await client.delete(Pods, 'huge', 'default');
  await eventually('gone', async () => ((await find('huge')) ? undefined : true));
});

test('a kubelet that comes back goes on with its pods, and ends what was deleted meanwhile', async () => {
  await Promise.all([runPod('stay', FOREVER), runPod('leave', FOREVER)]);
  const before = await podIs('stay', (pod) => pod.status?.phase === 'Running');
  await podIs('leave', (pod) => pod.status?.phase === 'Running');
  await stopKubelet();
  await client.delete(Pods, 'leave', 'default', { gracePeriodSeconds: 0 });
  await startKubelet();
  const runtime = dockerRuntime({ socketPath: host.socketPath, cluster: host.instance, node: NODE, negativeOomScore: false, clock: systemClock, logger: silentLogger });
  await eventually('orphan ended', async () => ((await runtime.listPods()).every(({ pod }) => pod.name === 'stay') ? true : undefined));
  const after = await podIs('stay', () => true);
  expect(after.status).toEqual(before.status);
  expect(await readFile(join(config.podLogsDir, `default_stay_${after.metadata.uid}`, 'main', '0.log'), 'utf8')).toBe('');
  await client.delete(Pods, 'stay', 'default');
  await eventually('deleted', async () => ((await find('stay')) ? undefined : true));
});
