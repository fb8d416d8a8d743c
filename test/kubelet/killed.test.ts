import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Pod } from '../../api/generated/types.ts';
import { seededRandom } from '../../api/schema/seededRandom.ts';
import { ConfigMaps, Nodes, Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { childCgroups } from '../../host/cgroups.ts';
import { mountPointsBelow } from '../../host/mounts.ts';
import { KUBELET_DEFAULTS, type KubeletConfig } from '../../kubelet/config.ts';
import { systemClock } from '../../process/clock.ts';
import { clientConfigOf } from '../client/clientConfig.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { IMAGE, shell } from './fixture.ts';
import { KillableKubelet } from './killableKubelet.ts';

jest.setTimeout(600_000);

const run = promisify(execFile);
const NODE = 'node1';
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const ROUNDS = 6;
let api: TestApi;
let host: DockerHost;
let client: RestClient;
let config: KubeletConfig;
let kubelet: KillableKubelet;

beforeAll(async () => {
  [api, host] = await Promise.all([startHandlers(), startDockerHost()]);
  await host.loadBusybox(IMAGE);
  client = new RestClient(clientConfigOf(api), { component: 'test', clock: systemClock });
  const root = join(host.directory, 'kubelet');
  await mkdir(root);
  config = {
    ...KUBELET_DEFAULTS,
    nodeName: NODE, kubeconfig: clientConfigOf(api), instance: host.instance, rootDir: root, podLogsDir: join(root, 'log/pods'), containerLogsDir: join(root, 'log/containers'),
    dockerSocket: host.socketPath, cgroupRoot: `gantry-${host.instance}`, cniConfDir: join(root, 'net.d'), cniCommandPrefix: host.enter, nodeIPs: ['10.240.0.11'], housekeepingPeriod: 1000,
  };
  await writeFile(join(root, 'config.json'), JSON.stringify(config));
  kubelet = new KillableKubelet(join(root, 'config.json'));
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { colour: 'green' } });
  kubelet.start();
});

afterAll(async () => {
  await kubelet?.kill();
  client?.close();
  await api?.close();
  await host?.stop();
});

async function eventually<T>(what: string, look: () => Promise<T | undefined>, milliseconds = 120_000): Promise<T> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await systemClock.sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not in time; left: ${JSON.stringify(await leftovers(), null, 1)}`);
}

const running = (name: string): Promise<V1Pod> =>
  eventually(`${name} runs`, async () => {
    const pod = await client.get(Pods, name, 'default');
    return pod.status?.phase === 'Running' ? pod : undefined;
  });

const make = (name: string): Promise<V1Pod> =>
  client.create(Pods, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
    spec: {
      nodeName: NODE, terminationGracePeriodSeconds: 1, containers: [shell('main', FOREVER, { volumeMounts: [{ name: 'memory', mountPath: '/memory' }, { name: 'settings', mountPath: '/settings/colour', subPath: 'colour' }] })],
      volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }, { name: 'settings', configMap: { name: 'settings' } }],
    },
  });

const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);

/** All that pods leave on a host. */
async function leftovers(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rootDir, podLogsDir, cgroupRoot } = config;
  const { stdout: containers } = await run('docker', ['-H', `unix://${host.socketPath}`, 'ps', '-a', '--format', '{{.Names}}']);
  const [command = '', ...prefix] = host.enter;
  const { stdout: links } = await run(command, [...prefix, 'ip', '-o', 'link', 'show', 'type', 'veth']);
  const networks = join(rootDir, 'network/networks');
  const addresses = (await Promise.all((await namesIn(networks)).map((name) => namesIn(join(networks, name))))).flat().filter((name) => /^[\d.]+$/.test(name));
  const groups = (await Promise.all([[], ['burstable'], ['besteffort']].map((qos) => childCgroups([cgroupRoot, 'kubepods', ...qos], 1)))).flatMap((each) => [...each]);
  return {
    pods: (await client.list(Pods)).items.map(({ metadata, status }) => `${metadata.name} ${status?.phase} ${metadata.deletionTimestamp ?? ''}`),
    containers: containers.split('\n').filter(Boolean),
    links: links.split('\n').filter(Boolean),
    attachments: await namesIn(join(rootDir, 'network/results')),
    addresses,
    mounts: await mountPointsBelow(rootDir),
    directories: await namesIn(join(rootDir, 'pods')),
    logs: await namesIn(podLogsDir),
    groups: groups.filter((name) => name.startsWith('pod')),
  };
}

test('a kubelet that is killed at any moment restarts nothing that runs, and leaves nothing of what has gone', async () => {
  const random = seededRandom(20261121);
  await eventually('node', async () => (await client.get(Nodes, NODE).catch(() => undefined)) && true);
  await client.patch(Nodes, NODE, undefined, 'application/merge-patch+json', { spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24'] } });
  await make('stay');
  const before = await running('stay');
  const kept: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(['a', 'b'].map((each) => make(`${each}-${round}`)));
    kept.push(`a-${round}`, `b-${round}`);
    // Some of what was made in the rounds before goes, gracefully or by force, while others start.
    for (const name of kept.filter((each) => !each.endsWith(`-${round}`) && random() < 0.5)) {
      kept.splice(kept.indexOf(name), 1);
      await client.delete(Pods, name, 'default', random() < 0.5 ? { gracePeriodSeconds: 0 } : {});
    }
    await systemClock.sleep(random() * 1500);
    await kubelet.kill();
    if (random() < 0.5 && kept.length > 1) await client.delete(Pods, kept.shift()!, 'default', { gracePeriodSeconds: 0 });
    kubelet.start();
    await systemClock.sleep(random() * 1500);
  }
  for (const name of kept) await running(name);
  const after = await running('stay');
  expect(after.status?.containerStatuses?.[0]).toEqual(before.status?.containerStatuses?.[0]);
  expect(after.status?.podIP).toBe(before.status?.podIP);
  for (const { metadata } of (await client.list(Pods)).items) if (!metadata.deletionTimestamp) await client.delete(Pods, metadata.name, 'default');
  await eventually('nothing is left', async () => (Object.values(await leftovers()).every((list) => list.length === 0) ? true : undefined));
});
