import { WHOLE_CLUSTER } from '../machineRole.ts';
import { CLUSTER_PACKAGES } from '../packages/hostPackages.ts';
import { type HostFacts, planUp } from './plan.ts';

const fresh: HostFacts = {
  root: true,
  kernel: '6.1.0-18-amd64',
  cgroups: true,
  freeBytes: 20 * 1024 ** 3,
  stateFolder: '/var/lib/gantry',
  missingPackages: CLUSTER_PACKAGES,
  apt: true,
  systemd: false,
  dockerAnswers: false,
  dockerHangs: false,
  dockerOurs: false,
  liveRestore: undefined,
  foreignChains: [],
  takenPorts: [],
  running: 'no',
  dockerSupervised: false,
};
const kinds = (facts: Partial<HostFacts>): string[] => planUp({ ...fresh, ...facts }, WHOLE_CLUSTER).steps.map(({ kind }) => kind);

test('a fresh machine gets everything, in order', () => {
  expect(kinds({})).toEqual([
    'installPackages', 'installVersion', 'makeCertificates', 'prepareKernel', 'startDocker', 'startServices', 'waitForServer', 'waitUntilReady', 'markControlPlane', 'publishCluster', 'writeKubeconfig',
  ]);
});

test('an engine that systemd runs is told by its configuration what the supervisor says by a flag', () => {
  expect(kinds({ systemd: true }).slice(0, 2)).toEqual(['installPackages', 'configureDocker']);
  expect(kinds({ systemd: true, missingPackages: [], dockerOurs: true })[0]).toBe('configureDocker');
});

test('an engine of somebody else is used as it is', () => {
  const plan = planUp({ ...fresh, missingPackages: [], dockerAnswers: true, liveRestore: false }, WHOLE_CLUSTER);
  expect(plan.steps.map(({ kind }) => kind)).not.toEqual(expect.arrayContaining(['configureDocker']));
  expect(plan.steps.map(({ kind }) => kind)).not.toEqual(expect.arrayContaining(['startDocker']));
  expect(plan.warnings.join()).toContain('live-restore');
});

test('a cluster that runs is left alone; one of another version is stopped first', () => {
  expect(kinds({ running: 'this version' })).toEqual(['waitUntilReady', 'markControlPlane', 'publishCluster', 'writeKubeconfig']);
  expect(kinds({ running: 'another version', missingPackages: [], dockerAnswers: true })).toEqual([
    'installVersion', 'makeCertificates', 'prepareKernel', 'stopServices', 'startServices', 'waitForServer', 'waitUntilReady', 'markControlPlane', 'publishCluster', 'writeKubeconfig',
  ]);
});

test.each<[string, Partial<HostFacts>, string]>([
  ['no root', { root: false }, 'must be run as root'],
  ['an old kernel', { kernel: '4.9.0' }, 'The kernel is 4.9.0; Gantry needs 4.19 or later.'],
  ['a full disk', { freeBytes: 5 * 1024 ** 2 }, 'Only 5 MiB are free below /var/lib/gantry'],
  ['a taken port', { takenPorts: [{ port: 2379, purpose: 'etcd', holder: 'etcd' }] }, 'Port 2379, for etcd, is taken by etcd.'],
  ['another Kubernetes', { foreignChains: ['KUBE-SERVICES'] }, 'Another Kubernetes runs, or has run, on this machine'],
  ['another distribution', { apt: false }, 'docker.io: Docker Engine'],
  ['an engine that hangs', { dockerHangs: true }, 'does not answer. Restart it'],
  ['no cgroups', { cgroups: false }, 'No cgroup file system'],
])('%s is said, and nothing is done', (_, facts, message) => {
  const plan = planUp({ ...fresh, ...facts }, WHOLE_CLUSTER);
  expect(plan.steps).toEqual([]);
  expect(plan.problems.join('\n')).toContain(message);
});

test('a worker has no certificates to make, and no server to wait for', () => {
  const worker = { controlPlane: false, etcd: false, words: [] };
  expect(planUp({ ...fresh, missingPackages: [] }, worker).steps.map(({ kind }) => kind)).toEqual(['installVersion', 'prepareKernel', 'startDocker', 'startServices', 'waitUntilReady']);
});
