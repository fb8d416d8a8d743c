import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineRelease, unpackPackages } from '../rig/aptArchive.ts';
import type { RigHost } from '../rig/host.ts';
import { joinCluster, type JoinedCluster } from '../rig/joinedCluster.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';
import { type Followed, follow, readPage } from './page.ts';

/** The application of docs/getting-started.md on three nodes; in the middle of its life one of them dies. */
const words = ['apiserver.default-unreachable-toleration-seconds=2', 'controller-manager.node-monitor-period=1s', 'controller-manager.node-monitor-grace-period=15s', 'kubelet.node-status-update-frequency=1s', 'kubelet.node-lease-duration=4s'].map((each) => `--set=${each}`);
const steps = readPage(readFileSync(join(repositoryRoot, 'docs/getting-started.md'), 'utf8')).filter(({ commands }) => !/^npm run up$/m.test(commands));
/** Up to here all three nodes live. */
const LAST_WITH_ALL = 'Reaching it';
const dies = steps.findLastIndex(({ heading }) => heading === LAST_WITH_ALL);
let rig: Rig;
let cluster: JoinedCluster;
let first: RigHost;

beforeAll(async () => {
  // A host has no way out, so what images.sh would download is there already.
  unpackPackages(machineRelease(), ['redis-server', 'redis-tools', 'libatomic1', 'libjemalloc2', 'liblzf1'], join(repositoryRoot, '.cache', 'guestbook'));
  rig = await createRig();
  cluster = await joinCluster(rig, { controlPlanes: 1, workers: 2, words });
  first = cluster.controlPlanes[0]!;
}, 1_500_000);
afterAll(() => rig.close(), 300_000);

const kubectl = (...list: string[]): Promise<string> => first.check([kubectlPath('1.32'), ...list]);

/** Each node pulls from a registry of its own name, `localhost`: the others get what the first one's holds. */
async function copyRegistry(): Promise<void> {
  const archive = '/root/registry.tar';
  await first.check(['tar', '-cf', archive, '-C', '/var/lib/guestbook-registry', '.']);
  const content = readFileSync(first.path(archive)).toString('base64');
  for (const host of cluster.workers) {
    await host.check(['sh', '-c', 'mkdir -p /var/lib/guestbook-registry && base64 -d | tar -x -C /var/lib/guestbook-registry'], { input: content });
    await host.check(['sh', '-c', `setsid docker-registry serve ${repositoryRoot}/docs/examples/registry.yml >/var/log/registry.log 2>&1 </dev/null &`]);
    await eventually(`the registry of ${host.name} answers`, 90_000, async () => ((await host.exec(['curl', '--silent', '--fail', 'http://localhost:5000/v2/'])).code === 0 ? true : undefined));
  }
}

/** The database's data are in a folder of its node, so it stays on one that will not die; a copy of the manifests says so. */
const PINNED = '/root/guestbook';
async function pinDatabase(): Promise<void> {
  await first.check(['cp', '-r', join(repositoryRoot, 'docs/examples/guestbook'), PINNED]);
  await first.check(['sed', '-i', 's,^      containers:$,      nodeSelector: {kubernetes.io/hostname: node1}\\n&,', `${PINNED}/database.yaml`]);
  expect(await first.check(['cat', `${PINNED}/database.yaml`])).toContain('\n      nodeSelector: {kubernetes.io/hostname: node1}\n      containers:\n');
}

/** Follows the page's commands. */
async function step(commands: string, expected: readonly string[]): Promise<Followed> {
  // The last step also takes the machine's cluster down, which is not the application's affair.
  const text = commands.replace(/^npm run down$/m, '').replace('apply -f docs/examples/guestbook', `apply -f ${PINNED}`);
  const wanted = expected.filter((line) => !line.startsWith('The cluster is down')).map((line) => line.replace('10.244.0.…', '10.244.…'));
  return follow(first, { commands: text, expected: wanted });
}

test.each(steps.slice(0, dies + 1).map((each, at) => ({ ...each, at, title: `${at + 1}. ${each.heading}: ${each.commands.split('\n')[0]}` })))('$title', async ({ commands, expected }) => {
  if (commands.includes('kubectl apply')) await pinDatabase();
  expect(await step(commands, expected)).toEqual({ code: 0, missing: [] });
  if (commands.includes('images.sh')) await copyRegistry();
}, 1_500_000);

test('a node dies: the application goes on with the others', async () => {
  expect(new Set((await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ')).size).toBeGreaterThan(1);
  await cluster.workers[1]!.powerCut();
  await eventually('its pods are replaced elsewhere', 180_000, async () => {
    const text = await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={range .items[?(@.status.containerStatuses[0].ready==true)]}{.spec.nodeName} {end}');
    return text.trim().split(' ').filter((node) => node !== 'node2').length >= 3 ? true : undefined;
  });
  await kubectl('wait', '--for=condition=Available', 'deployment/web', 'deployment/database', '--timeout=150s');
  // Each answer takes a look at the cluster's DNS, of which one server is dead.
  await eventually('every request is answered', 180_000, async () => {
    const answers = await first.check(['bash', '-c', 'for each in {1..20}; do curl --silent --max-time 5 http://localhost:30080/ | head -n 1; done']);
    return answers.match(/^Welcome to the guestbook /gm)?.length === 20 ? true : undefined;
  });
}, 900_000);

test.each(steps.slice(dies + 1).map((each, at) => ({ ...each, title: `${dies + at + 2}. with a dead node. ${each.heading}: ${each.commands.split('\n')[0]}` })))('$title', async ({ commands, expected }) => {
  expect(await step(commands, expected)).toEqual({ code: 0, missing: [] });
}, 1_500_000);
