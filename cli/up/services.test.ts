import { parseFlags } from '../../process/flags.ts';
import { clusterFlags, clusterSettings } from '../clusterSettings.ts';
import type { MachineRole } from '../machineRole.ts';
import { services } from './services.ts';
import { systemdUnits } from './systemdUnits.ts';

const settings = clusterSettings(parseFlags(clusterFlags, ['--name=two', '--port-base=20000']).values, { hostname: 'n', addresses: ['192.0.2.7'] });
const programs = { node: '/v/node', gantry: '/v/gantry.mjs', etcd: '/usr/bin/etcd', dockerd: undefined, dockerdKnowsLiveRestore: false };

test('etcd first, and only by certificate; every process is told which cluster it is of', () => {
  const [etcd, server, agent] = services(settings, programs);
  expect(etcd!.command).toEqual(expect.arrayContaining(['--listen-client-urls=https://0.0.0.0:20001', '--initial-cluster-state=new', '--client-cert-auth=true', '--data-dir=/var/lib/two/etcd']));
  expect(server!.command).toEqual(['/v/node', '--max-semi-space-size=2', '/v/gantry.mjs', 'server', '--name=two', '--port-base=20000']);
  expect(agent!.command.slice(2)).toEqual(['/v/gantry.mjs', 'agent', '--name=two', '--port-base=20000']);
});

test('a worker has an agent only; a control plane beside others knows their etcd', () => {
  const names = (role: MachineRole): string[] => services(settings, programs, role).map(({ name }) => name);
  expect(names({ controlPlane: false, etcd: false, words: [] })).toEqual(['agent']);
  const beside: MachineRole = { controlPlane: true, etcd: true, words: [], initialCluster: ['a=https://192.0.2.1:2380', 'n=https://192.0.2.7:20002'], otherMembers: ['https://192.0.2.1:2379'] };
  const [etcd, server] = services(settings, programs, beside);
  expect(etcd!.command).toEqual(expect.arrayContaining(['--initial-cluster-state=existing', '--initial-cluster=a=https://192.0.2.1:2380,n=https://192.0.2.7:20002']));
  expect(server!.command).toContain('--set=apiserver.etcd-servers=https://127.0.0.1:20001,https://192.0.2.1:2379');
  const external: MachineRole = { controlPlane: true, etcd: false, words: [], externalEtcd: { endpoints: ['https://192.0.2.9:2379'] } };
  expect(names(external)).toEqual(['server', 'agent']);
  expect(services(settings, programs, external)[0]!.command).toContain('--set=apiserver.etcd-servers=https://192.0.2.9:2379');
});

test('an engine that nobody else runs comes before all', () => {
  const names = services(settings, { ...programs, dockerd: '/usr/sbin/dockerd' }).map(({ name }) => name);
  expect(names).toEqual(['docker', 'etcd', 'server', 'agent']);
  const flagsWhere = (dockerdKnowsLiveRestore: boolean) => services(settings, { ...programs, dockerd: '/usr/sbin/dockerd', dockerdKnowsLiveRestore })[0]!.command;
  expect(flagsWhere(false)).toContain('--live-restore');
  expect(flagsWhere(true)).not.toContain('--live-restore');
});

test('with systemd, each service is a unit that comes back by itself', () => {
  const units = systemdUnits('two', [{ name: 'x', command: ['/bin/x', 'a b', '50%', '$HOME'], environment: { A: 'b c' }, stopMilliseconds: 1500 }, ...services(settings, programs)]);
  expect(units.map(({ file }) => file)).toEqual(['two-x.service', 'two-etcd.service', 'two-server.service', 'two-agent.service']);
  expect(units[0]!.content).toContain('ExecStart=/bin/x "a b" 50%% $$HOME\nEnvironment="A=b c"\nRestart=always');
  expect(units[0]!.content).toContain('TimeoutStopSec=2');
  expect(units[1]!.content).toContain('After=network-online.target docker.service two-x.service\n');
});
