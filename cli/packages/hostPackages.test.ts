import { CLUSTER_PACKAGES, describeMissing, missingPackages } from './hostPackages.ts';

const names = (there: readonly string[]): string[] => missingPackages(CLUSTER_PACKAGES, (file) => there.includes(file)).map(({ name }) => name);

test('a package is missing when none of its files is there, whoever installed them', () => {
  expect(names([])).toEqual(['docker.io', 'etcd-server', 'iptables', 'conntrack', 'iproute2', 'procps', 'containernetworking-plugins']);
  expect(names(['/usr/bin/dockerd', '/usr/local/bin/etcd', '/sbin/iptables', '/usr/sbin/conntrack', '/bin/ip', '/sbin/sysctl', '/opt/cni/bin/bridge'])).toEqual([]);
});

test('elsewhere than on Debian, what is missing is said', () => {
  expect(describeMissing(CLUSTER_PACKAGES.slice(1, 2))).toContain('etcd-server: etcd, which keeps the state (looked for /usr/bin/etcd');
});
