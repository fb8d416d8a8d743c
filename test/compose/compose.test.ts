import { seededRandom } from '../../api/schema/seededRandom.ts';
import { ENOUGH, experiment } from '../chaos/experiment.ts';
import { archiveOf, importChanges } from '../rig/images.ts';
import type { RigHost } from '../rig/host.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { createRig, type Rig } from '../rig/rig.ts';
import { ComposeCluster, startComposeCluster } from './composeCluster.ts';
import { composeFaults } from './composeFaults.ts';

/** `docker-compose.yml`, as a user has it: from nothing to a cluster of three nodes, through every fault, and back to nothing. */
const SEED = 1;
const random = seededRandom(SEED);
const APISERVERS = ['10.241.0.21', '10.241.0.22'];
/** Two pods on each node, also where one is away for a moment. */
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
      containers: [{name: web, image: 'web:1'}]
`;
let rig: Rig;
let host: RigHost;
let cluster: ComposeCluster;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('compose');
});
afterAll(() => rig.close(), 300_000);

const traces = async (): Promise<string[]> => {
  const lists = [['ps', '--all', '--quiet'], ['volume', 'ls', '--quiet'], ['network', 'ls', '--quiet', '--filter', 'type=custom']];
  return (await Promise.all(lists.map((words) => host.check(['docker', ...words])))).flatMap((text) => text.split('\n').filter(Boolean));
};

test('docker-compose 1.29 brings up every part, healthy, and three Ready nodes', async () => {
  cluster = await startComposeCluster(host, { version: '1.29' });
  expect(cluster.services).toHaveLength(13);
  expect(await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).toBe('node-1 node-2 node-3');
  await eventually('all API servers are endpoints', 60_000, async () => ((await cluster.kubectl('get', 'endpointslices', 'kubernetes', '-o', 'jsonpath={.endpoints[*].addresses[*]}')).split(' ').toSorted().join() === APISERVERS.join() ? true : undefined));
}, 4_000_000);

test('a Deployment over all nodes answers by its Service, on every node and in every pod', async () => {
  await cluster.importImage(archiveOf('web'), 'web:1', importChanges('web'));
  await host.check([kubectlPath('1.32'), `--kubeconfig=${cluster.kubeconfig}`, 'apply', '-f', '-'], { input: DEPLOYMENT });
  await cluster.kubectl('expose', 'deployment', 'web', '--port=80', '--target-port=8080', '--type=NodePort');
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=250s');
  expect(new Set((await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ')).size).toBe(3);
  const [address, port] = (await cluster.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}')).split(' ');
  for (const node of ['node-1', 'node-2', 'node-3']) {
    const seen = new Set<string>();
    await eventually(`the Service answers on ${node} from every pod`, 120_000, async () => {
      const { stdout } = await cluster.exec(node, ['sh', '-c', `for each in $(seq 40); do curl --silent --max-time 10 http://${address}/; echo; done`]);
      for (const line of stdout.split('\n')) if (line.startsWith('web 1 on web-')) seen.add(line);
      return seen.size === 6 ? true : undefined;
    });
    const url = `http://${await cluster.address(node)}:${port}/`;
    await eventually(`${url} answers`, 60_000, async () => ((await host.exec(['curl', '--silent', '--max-time', '10', url])).stdout.startsWith('web 1 on web-') ? true : undefined));
  }
  const pod = (await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')).trim();
  const script = "fetch('http://web.default.svc.cluster.local/').then((answer) => answer.text()).then(console.log)";
  await eventually('a pod finds it by its name', 60_000, async () => ((await cluster.tryKubectl('exec', pod, '--', 'node', '-e', script)).stdout.startsWith('web 1 on web-') ? true : undefined));
}, 1_200_000);

test('only API servers can speak to etcd, and each container has only the keys that it needs', async () => {
  const ask = (service: string, ...words: string[]): ReturnType<ComposeCluster['exec']> => cluster.exec(service, ['curl', '--silent', '--max-time', '30', '--insecure', ...words]);
  const etcd = 'https://10.241.0.12:2379/health';
  expect((await ask('apiserver-1', '--cert', '/etc/kubernetes/pki/apiserver-etcd-client.crt', '--key', '/etc/kubernetes/pki/apiserver-etcd-client.key', etcd)).stdout).toContain('"health":"true"');
  expect((await ask('node-1', etcd)).code).not.toBe(0);
  expect((await ask('node-1', '--cert', '/var/lib/kubelet/pki/kubelet-client-current.pem', etcd)).code).not.toBe(0);
  const keys = async (service: string, folder: string): Promise<string[]> => (await cluster.exec(service, ['find', folder, '-name', '*.key'])).stdout.split('\n').filter(Boolean);
  expect(await keys('scheduler-1', '/etc/kubernetes')).toEqual([]);
  expect(await keys('controller-manager-1', '/etc/kubernetes')).toEqual(['/etc/kubernetes/pki/ca.key']);
  expect((await keys('apiserver-1', '/etc/kubernetes')).filter((file) => file.endsWith('ca.key'))).toEqual([]);
});

test('each API server reaches pods and Services', async () => {
  const address = await cluster.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
  for (const [at, server] of APISERVERS.entries()) {
    // To a pod, which the API server chooses by itself; `curl` goes to the Service's own address.
    expect(await cluster.kubectl(`--server=https://${server}:6443`, 'get', '--raw', '/api/v1/namespaces/default/services/web:80/proxy/')).toMatch(/^web 1 on web-/);
    expect((await cluster.exec(`apiserver-${at + 1}`, ['curl', '--silent', '--max-time', '30', `http://${address}/`])).stdout).toMatch(/^web 1 on web-/);
  }
});

test("the nodes' token ends; a node that is made anew without certificates gets another one by the next up", async () => {
  const tokens = async (): Promise<string[]> => (await cluster.kubectl('get', 'secrets', '-n', 'kube-system', '--field-selector=type=bootstrap.kubernetes.io/token', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.data.expiration}{"\\n"}{end}')).split('\n').filter(Boolean);
  const [only, ...others] = await tokens();
  expect(others).toEqual([]);
  const [name = '', expiration = ''] = only!.split(' ');
  const left = Date.parse(Buffer.from(expiration, 'base64').toString()) - Date.now();
  expect(left).toBeGreaterThan(23 * 3_600_000);
  expect(left).toBeLessThanOrEqual(24 * 3_600_000);
  // As it is long afterwards: the token is over, and has been swept away.
  await cluster.kubectl('delete', 'secret', '-n', 'kube-system', name);
  await cluster.host.check(['sh', '-c', `echo 2020-01-01T00:00:00Z >${await cluster.volumePath('authority')}/token-expiration`]);
  await cluster.host.check(['docker', 'rm', '--force', cluster.container('node-3')]);
  await cluster.host.check(['docker', 'volume', 'rm', cluster.volume('node-3-kubelet')]);
  await cluster.start();
  expect(await tokens()).toHaveLength(1);
  expect((await tokens())[0]).not.toContain(name);
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=250s');
}, 1_500_000);

describe('while clients write and watch', () => {
  test.each(composeFaults.map((fault, at) => ({ ...fault, at })))('$name: $promise', async (fault) => {
    const { problems, acknowledged } = await experiment(cluster, [fault], SEED + fault.at, random);
    expect(problems).toEqual([]);
    expect(acknowledged).toBeGreaterThanOrEqual(2 * ENOUGH);
  }, 1_500_000);
});

test('down leaves the data, and the next up goes on with it, even that of Compose 2', async () => {
  await cluster.compose(['down', '--timeout', '5']);
  expect(await host.check(['docker', 'ps', '--all', '--quiet'])).toBe('');
  cluster = new ComposeCluster(host, cluster.context, { version: '2' });
  await cluster.start();
  expect(await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).toBe('node-1 node-2 node-3');
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=250s');
  const address = await cluster.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
  await eventually('the Service answers again', 120_000, async () => ((await cluster.exec('node-2', ['curl', '--silent', '--max-time', '10', `http://${address}/`])).stdout.startsWith('web 1 on web-') ? true : undefined));
}, 1_500_000);

test('down -v leaves nothing', async () => {
  await cluster.remove();
  expect(await traces()).toEqual([]);
}, 900_000);

test('docker compose 2 makes every network, volume and container from nothing too, and takes them away', async () => {
  await cluster.compose(['up', '--no-start']);
  expect((await traces()).length).toBeGreaterThan(cluster.services.length);
  await cluster.remove();
  expect(await traces()).toEqual([]);
}, 900_000);
