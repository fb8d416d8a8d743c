import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Container, V1NodeCondition, V1Pod, V1Volume } from '../../api/generated/types.ts';
import { Events, Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { mountTmpfs } from '../../host/mounts.ts';
import { KUBELET_DEFAULTS } from '../../kubelet/config.ts';
import { type RunningKubelet, start } from '../../kubelet/main.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, shell } from './fixture.ts';

jest.setTimeout(600_000);

/** A kubelet whose disk is small, and pods that fill it. */
const NODE = 'node1';
const DISK_BYTES = 200 * 2 ** 20;
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
let api: TestApi;
let host: DockerHost;
let client: RestClient;
let kubelet: RunningKubelet;
const stop = new AbortController();

beforeAll(async () => {
  [api, host] = await Promise.all([startHandlers(), startDockerHost()]);
  await host.loadBusybox(IMAGE);
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  const root = join(host.directory, 'kubelet');
  await mkdir(root);
  await mountTmpfs(root, DISK_BYTES);
  kubelet = await start(
    {
      ...KUBELET_DEFAULTS,
      nodeName: NODE, kubeconfig: clientConfigOf(api), instance: host.instance, rootDir: root, podLogsDir: join(root, 'log/pods'), containerLogsDir: join(root, 'log/containers'),
      dockerSocket: host.socketPath, cgroupRoot: `gantry-${host.instance}`, cniConfDir: join(root, 'net.d'), cniCommandPrefix: host.enter, nodeIPs: ['10.240.0.11'],
      nodeStatusUpdateFrequency: 1000, evictionHard: { 'nodefs.available': '25%', 'nodefs.inodesFree': '5%' }, evictionPressureTransitionPeriod: 60_000,
    },
    { clock: systemClock, logger: silentLogger, signal: stop.signal },
  );
  await client.patch(Nodes, NODE, undefined, 'application/merge-patch+json', { spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24'] } });
});

afterAll(async () => {
  stop.abort();
  await kubelet?.stopped;
  client?.close();
  await api?.close();
  await host?.stop();
});

const make = (name: string, script: string, volume: V1Volume['emptyDir'] = {}, more: Partial<V1Container> = {}): Promise<V1Pod> =>
  client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
    spec: { nodeName: NODE, containers: [shell('main', script, { volumeMounts: [{ name: 'data', mountPath: '/data' }], ...more })], volumes: [{ name: 'data', emptyDir: volume }] },
  });
const write = (megabytes: number, where = '/data'): string => `dd if=/dev/zero of=${where}/filler bs=1M count=${megabytes} 2>/dev/null; ${FOREVER}`;
const podWhen = (name: string, is: (pod: V1Pod) => boolean): Promise<V1Pod> =>
  eventually(`${name} is so`, 120_000, async () => {
    const pod = await client.get(Pods, name, 'default');
    return is(pod) ? pod : undefined;
  });
const isRunning = ({ status }: V1Pod): boolean => status?.phase === 'Running';
const isFailed = ({ status }: V1Pod): boolean => status?.phase === 'Failed';
const diskPressure = async (): Promise<V1NodeCondition | undefined> => (await client.get(Nodes, NODE)).status?.conditions?.find(({ type }) => type === 'DiskPressure');

test('what pods may not use is not offered to them', async () => {
  const allocatable = await eventually('the status', 60_000, async () => (await client.get(Nodes, NODE)).status?.allocatable);
  expect(Number(allocatable['ephemeral-storage'])).toBe((DISK_BYTES * 3) / 4);
});

test('a pod that fills the disk is evicted, another stays; the pressure goes after its time', async () => {
  await make('calm', write(5));
  const before = await podWhen('calm', isRunning);
  await make('hog', write(180));
  const hog = await podWhen('hog', isFailed);
  expect(hog.status).toMatchObject({ reason: 'Evicted', message: expect.stringMatching(/^The node was low on resource: ephemeral-storage\. Threshold quantity: 50Mi, available: \d+[KM]i\. Container main was using \d+[KM]i, request is 0, has larger consumption of ephemeral-storage\. $/) });
  expect(hog.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: hog.status?.message }));
  await make('late', FOREVER);
  expect((await podWhen('late', isFailed)).status).toMatchObject({ reason: 'Evicted', message: 'Pod was rejected: The node had condition: [DiskPressure]. ' });
  const told = await eventually('the pressure is told', 60_000, async () => {
    const condition = await diskPressure();
    return condition?.status === 'True' ? condition : undefined;
  });
  expect(told.reason).toBe('KubeletHasDiskPressure');
  await eventually('the event', 60_000, async () => (await client.list(Events, { namespace: 'default' })).items.find(({ reason, type, message, involvedObject }) => reason === 'Evicted' && type === 'Warning' && involvedObject.name === 'hog' && message === hog.status?.message));
  await eventually('the event of the node', 60_000, async () => (await client.list(Events)).items.find(({ reason, message, involvedObject }) => reason === 'EvictionThresholdMet' && message === 'Attempting to reclaim ephemeral-storage' && involvedObject.kind === 'Node'));

  await eventually('the pressure has gone', 180_000, async () => ((await diskPressure())?.status === 'False' ? true : undefined));
  const after = await podWhen('calm', () => true);
  expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses);
  await make('next', FOREVER);
  await podWhen('next', isRunning);
});

test('a pod that takes more than its limits is evicted without any pressure', async () => {
  await Promise.all([
    make('volume', write(12), { sizeLimit: '10Mi' }),
    make('layer', write(12, '/tmp'), {}, { resources: { limits: { 'ephemeral-storage': '10Mi' } } }),
    make('talker', `yes 0123456789 | head -c 4000000; ${FOREVER}`, {}, { resources: { limits: { 'ephemeral-storage': '3Mi' } } }),
  ]);
  const message = async (name: string): Promise<string | undefined> => (await podWhen(name, isFailed)).status?.message;
  expect(await message('volume')).toBe('Usage of EmptyDir volume "data" exceeds the limit "10Mi". ');
  expect(await message('layer')).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ');
  expect(await message('talker')).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ');
  expect((await diskPressure())?.status).toBe('False');
});
