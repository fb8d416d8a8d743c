import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '../../api/generated/types.ts';
import { Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { checkCommand } from '../../host/command.ts';
import { KUBELET_DEFAULTS, type KubeletConfig } from '../../kubelet/config.ts';
import { dockerRuntime } from '../../kubelet/runtime/docker.ts';
import type { Container, ContainerRuntime } from '../../kubelet/runtime/types.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { type FlakyNetwork, flakyNetwork } from '../client/flakyNetwork.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, shell } from './fixture.ts';
import { KillableKubelet } from './killableKubelet.ts';

jest.setTimeout(600_000);

/** A kubelet that is started again while no API server answers. */
const NODE = 'node1';
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
let api: TestApi;
let way: FlakyNetwork;
let host: DockerHost;
let runtime: ContainerRuntime;
let client: RestClient;
let config: KubeletConfig;
let kubelet: KillableKubelet;

beforeAll(async () => {
  [api, host] = await Promise.all([startHandlers(), startDockerHost()]);
  await host.loadBusybox(IMAGE);
  way = await flakyNetwork(api.serving.port);
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  runtime = dockerRuntime({ socketPath: host.socketPath, cluster: host.instance, node: NODE, negativeOomScore: false, clock: systemClock, logger: silentLogger });
  const root = join(host.directory, 'kubelet');
  await mkdir(join(root, 'manifests'), { recursive: true });
  config = {
    ...KUBELET_DEFAULTS,
    nodeName: NODE, kubeconfig: { ...clientConfigOf(api), servers: [`https://127.0.0.1:${way.port}`] }, instance: host.instance, rootDir: root, podLogsDir: join(root, 'log/pods'),
    containerLogsDir: join(root, 'log/containers'), staticPodPath: join(root, 'manifests'), dockerSocket: host.socketPath, cgroupRoot: `gantry-${host.instance}`, cniConfDir: join(root, 'net.d'),
    cniCommandPrefix: host.enter, nodeIPs: ['10.240.0.11'], housekeepingPeriod: 500, relistPeriod: 500, nodeStatusUpdateFrequency: 1000,
  };
  await writeFile(join(root, 'config.json'), JSON.stringify(config));
  kubelet = new KillableKubelet(join(root, 'config.json'));
  kubelet.start();
});

afterAll(async () => {
  await kubelet?.kill();
  client?.close();
  await way?.close();
  await api?.close();
  await host?.stop();
});

const podRuns = (name: string, restarts = 0): Promise<V1Pod> =>
  eventually(`${name} runs`, 90_000, async () => {
    const pod = await client.get(Pods, name, 'default').catch(() => undefined);
    const status = pod?.status?.containerStatuses?.[0];
    return status?.state?.running && status.restartCount === restarts ? pod : undefined;
  });
const make = (name: string): Promise<V1Pod> =>
  client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: NODE, terminationGracePeriodSeconds: 1, containers: [shell('main', FOREVER)] } });
const writeStatic = (name: string): Promise<void> =>
  writeFile(join(config.staticPodPath, `${name}.json`), JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 1, containers: [shell('main', FOREVER)] } }));
/** Of a pod, the newest first. */
const containersOf = async (name: string): Promise<readonly Container[]> => (await runtime.listPods()).find(({ pod }) => pod.name === name)?.containers ?? [];
const crash = async (name: string): Promise<void> => void (await checkCommand(['docker', '-H', `unix://${host.socketPath}`, 'kill', (await containersOf(name))[0]!.id]));

test('nothing is ended, static pods go on, and pods of the API are taken up again when it is back', async () => {
  await eventually('the node', 60_000, async () => client.get(Nodes, NODE).catch(() => undefined));
  await client.patch(Nodes, NODE, undefined, 'application/merge-patch+json', { spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24'] } });
  await writeStatic('ever');
  await Promise.all([make('web'), make('fragile')]);
  const [web] = await Promise.all([podRuns('web'), podRuns('fragile'), podRuns(`ever-${NODE}`)]);

  way.cut();
  await kubelet.kill();
  kubelet.start();
  await crash(`ever-${NODE}`);
  const runsAgain = ({ state, attempt }: Container): boolean => state === 'Running' && attempt === 1;
  await eventually('the static pod is started again', 90_000, async () => (await containersOf(`ever-${NODE}`)).find(runsAgain));
  // It even gets an address.
  await writeStatic('late');
  await eventually('a new static pod runs', 90_000, async () => ((await containersOf(`late-${NODE}`))[0]?.state === 'Running' ? true : undefined));
  await crash('fragile');
  // Several rounds of everything that the kubelet does from time to time.
  await systemClock.sleep(3000);
  expect((await containersOf('web')).map(({ state, attempt }) => [state, attempt])).toEqual([['Running', 0]]);
  // What is to become of it, the API has to say.
  expect((await containersOf('fragile')).map(({ state }) => state)).toEqual(['Exited']);

  way.restore();
  const fragile = await podRuns('fragile', 1);
  expect(fragile.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(137);
  await podRuns(`ever-${NODE}`, 1);
  expect((await podRuns(`late-${NODE}`)).status?.podIP).toMatch(/^10\.244\.9\./);
  expect((await podRuns('web')).status).toMatchObject({ podIP: web.status?.podIP, containerStatuses: web.status?.containerStatuses });
});
