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
  [['--node-ip=here'], 'invalid argument for "--node-ip": "here" is not an IPv4 address'],
  [['--node-name=a_b'], 'invalid argument for "--node-name": "a_b" is not a DNS name'],
  [['--cluster-domain=..'], 'invalid argument for "--cluster-domain": ".." is not a DNS name'],
  [['--cluster-cidr=10.0.0.0/28'], 'is not an IPv4 range with room for a node (/8 to /24)'],
  [['--cluster-cidr=10.100.0.0/16'], 'the ranges of pods (10.100.0.0/16) and Services (10.96.0.0/12) overlap'],
  [['--cluster-cidr=192.0.0.0/16'], "this host's address, 192.0.2.7, is in the range of pods"],
  [['--service-cluster-ip-range=192.0.0.0/16'], "this host's address, 192.0.2.7, is in the range of Services"],
])('%j is refused', (words, message) => {
  expect(() => settings(...words)).toThrow(message);
});

test('addresses count from the first of the range', () => {
  expect(addressInRange('10.96.5.0/12', 10)).toBe('10.96.0.10');
  expect(addressInRange('192.168.255.240/28', 10)).toBe('192.168.255.250');
});

test("a host's name that cannot be a node's is said to be", () => {
  expect(() => clusterSettings(parseFlags(clusterFlags, []).values, { hostname: 'my_host', addresses: ['192.0.2.7'] })).toThrow('this host\'s name, "my_host", cannot be a node\'s: give one with --node-name');
});
