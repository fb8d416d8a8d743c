import { parseFlags } from '../process/flags.ts';
import { addressInRange, clusterFlags, clusterSettings, type ClusterSettings } from './clusterSettings.ts';

const settings = (...words: string[]): ClusterSettings => clusterSettings(parseFlags(clusterFlags, words).values, { hostname: 'Node1', addresses: ['192.0.2.7'] });

test('without flags, everything is where Kubernetes has it', () => {
  expect(settings()).toMatchObject({
    nodeName: 'node1',
    nodeAddress: '192.0.2.7',
    serviceAddress: '10.96.0.1',
    dnsAddress: '10.96.0.10',
    ports: { apiserver: 6443, etcdClient: 2379, kubelet: 10250 },
    paths: { kubernetes: '/etc/kubernetes', pki: '/etc/kubernetes/pki', kubelet: '/var/lib/kubelet', state: '/var/lib/gantry', logs: '/var/log/gantry' },
    words: [],
  });
});

test('a second cluster shares no path and no port', () => {
  const first = settings();
  const second = settings('--name=two', '--port-base=20000');
  const values = (each: ClusterSettings): unknown[] => [...Object.values(each.paths), ...Object.values(each.ports)];
  expect(values(second).filter((value) => values(first).includes(value))).toEqual([]);
  expect(second.words).toEqual(['--name=two', '--port-base=20000']);
});

test.each([
  [['--name=../x'], 'invalid argument for "--name": "../x" is not a lower-case name'],
  [['--root=here'], 'invalid argument for "--root": "here" is not an absolute path'],
  [['--port-base=65530'], 'leaves no room for ten ports'],
  [['--service-cluster-ip-range=10.96.0.0/33'], '"10.96.0.0/33" is not an IPv4 range'],
])('%j is refused', (words, message) => {
  expect(() => settings(...words)).toThrow(message);
});

test('addresses count from the first of the range', () => {
  expect(addressInRange('10.96.5.0/12', 10)).toBe('10.96.0.10');
  expect(addressInRange('192.168.255.240/28', 10)).toBe('192.168.255.250');
});
