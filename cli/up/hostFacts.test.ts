import { mountsBelow } from '../down/hostTraces.ts';
import { hostAddresses } from './hostFacts.ts';

const link = (address: string, internal = false): Array<{ family: string; address: string; internal: boolean }> => [{ family: 'IPv4', address, internal }];

test('the address of the default route comes first; bridges and loopback do not count', () => {
  const routes = 'Iface\tDestination\tGateway\neth1\t00000000\t0102A8C0\neth0\t0002A8C0\t00000000\n';
  expect(hostAddresses({ lo: link('127.0.0.1', true), docker0: link('172.17.0.1'), eth0: link('192.0.2.1'), eth1: link('192.0.2.2'), cni0: link('10.244.0.1') }, routes)).toEqual(['192.0.2.2', '192.0.2.1']);
});

test('mounts below a folder are found innermost first, also with spaces in their names', () => {
  const info = ['22 1 8:1 / / rw - ext4 x rw', '30 22 0:9 / /var/lib/kubelet/pods/a rw - tmpfs t rw', '31 30 0:9 / /var/lib/kubelet/pods/a/b\\040c rw - tmpfs t rw', '32 22 0:9 / /var/lib/kubelet2 rw - tmpfs t rw'];
  expect(mountsBelow(info.join('\n'), ['/var/lib/kubelet'])).toEqual(['/var/lib/kubelet/pods/a/b c', '/var/lib/kubelet/pods/a']);
});
