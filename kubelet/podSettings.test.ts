import type { V1Pod, V1PodSpec } from '../api/generated/types.ts';
import { formatDelay, nextBackoff, retryAt } from './backoff.ts';
import { hasSysResource } from './node/hostInfo.ts';
import { bridgeName, defaultNetwork, parseNetworkConfig } from './network/networkConfig.ts';
import { cgroupParent, podCgroup } from './podCgroup.ts';
import { parseResolvConf, podDNS } from './podDNS.ts';
import { podHosts, podNames } from './podHosts.ts';
import { qosClass } from './qosClass.ts';
import { containerResources, podResources, quotaOf, sharesOf } from './resources.ts';
import { containerSecurity, verifyRunAsNonRoot } from './security.ts';

const pod = (spec: Partial<V1PodSpec> = {}): V1Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', namespace: 'shop', uid: 'a-b', resourceVersion: '', creationTimestamp: '' }, spec: { containers: [{ name: 'c' }], ...spec } });
const withResources = (...resources: { requests?: Record<string, string>; limits?: Record<string, string> }[]): V1Pod => pod({ containers: resources.map((each, at) => ({ name: `c${at}`, resources: each })) });
const full = { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '1', memory: '64Mi' } };

test.each([
  ['BestEffort', withResources({})],
  ['Guaranteed', withResources(full)],
  ['Guaranteed', withResources({ limits: full.limits })],
  ['Burstable', withResources(full, {})],
  ['Burstable', withResources({ requests: { cpu: '1' } })],
])('%s', (expected, of) => expect(qosClass(of)).toBe(expected));

test('cgroups are laid out by quality of service', () => {
  const layout = { root: '', driver: 'cgroupfs' as const };
  expect(cgroupParent(podCgroup(withResources(full), layout), 'cgroupfs')).toBe('/kubepods/poda-b');
  expect(cgroupParent(podCgroup(withResources({}), { ...layout, root: '/g' }), 'cgroupfs')).toBe('/g/kubepods/besteffort/poda-b');
  expect(cgroupParent(podCgroup(withResources(full, {}), layout), 'systemd')).toBe('kubepods-burstable-poda_b.slice');
});

test('requests and limits become shares, quota, bytes and scores', () => {
  expect([sharesOf(0), sharesOf(1), sharesOf(1000), quotaOf(0), quotaOf(5), quotaOf(500)]).toEqual([2, 2, 1024, 0, 1000, 50_000]);
  const memory = 4 * 2 ** 30;
  expect(containerResources(withResources(full), { name: 'c', resources: full }, memory)).toEqual({ cpuShares: 1024, cpuQuota: 100_000, cpuPeriod: 100_000, memoryLimit: 64 * 2 ** 20, oomScoreAdj: -997 });
  expect(containerResources(withResources({}), { name: 'c' }, memory).oomScoreAdj).toBe(1000);
  expect(containerResources(withResources({ requests: { memory: '1Gi' } }), { name: 'c', resources: { requests: { memory: '1Gi' } } }, memory).oomScoreAdj).toBe(750);
  expect(podResources(withResources(full, full))).toMatchObject({ cpuShares: 2048, cpuQuota: 200_000, memoryLimit: 128 * 2 ** 20 });
  expect(podResources(withResources(full, {}))).toMatchObject({ cpuShares: 1024, cpuQuota: 0, memoryLimit: 0 });
});

const cluster = { servers: ['10.96.0.10'], domain: 'cluster.local' };
const host = parseResolvConf('# x\nnameserver 192.0.2.1\nsearch example.org corp.\noptions timeout:1\n');

test('resolv.conf follows the policy', () => {
  expect(host).toEqual({ servers: ['192.0.2.1'], searches: ['example.org', 'corp'], options: ['timeout:1'] });
  expect(podDNS(pod(), cluster, host).dns).toEqual({ servers: ['10.96.0.10'], searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.org', 'corp'], options: ['ndots:5'] });
  expect(podDNS(pod({ hostNetwork: true }), cluster, host)).toEqual({ dns: host, omissions: [] });
  expect(podDNS(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), cluster, host).dns.servers).toEqual(['10.96.0.10']);
  expect(podDNS(pod({ dnsPolicy: 'Default' }), cluster, host).dns).toEqual(host);
  const dnsConfig = { nameservers: ['1.2.3.4'], searches: ['x'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] };
  expect(podDNS(pod({ dnsPolicy: 'None', dnsConfig }), cluster, host).dns).toEqual({ servers: ['1.2.3.4'], searches: ['x'], options: ['ndots:2', 'edns0'] });
});

test('what of its DNS settings does not fit, the pod is told', () => {
  const of = (nameservers: readonly string[], searches: readonly string[]) => podDNS(pod({ dnsPolicy: 'None', dnsConfig: { nameservers: [...nameservers], searches: [...searches] } }), cluster, host);
  const servers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  expect(of(servers, ['x']).omissions).toEqual([]);
  expect(of([...servers, '192.0.2.4'], ['x'])).toEqual({
    dns: { servers, searches: ['x'], options: [] },
    omissions: ['Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.1 192.0.2.2 192.0.2.3'],
  });
  const searches = Array.from({ length: 33 }, (_, at) => `d${at}.example.org`);
  expect(of(servers, searches).omissions).toEqual([`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.slice(0, 32).join(' ')}`]);
  expect(of(servers, ['a'.repeat(254), 'x']).dns.searches).toEqual(['x']);
  const long = Array.from({ length: 10 }, (_, at) => `${at}${'b'.repeat(239)}`);
  expect(of(servers, long).dns.searches).toEqual(long.slice(0, 8));
});

test('names and hosts', () => {
  expect(podNames(pod(), 'cluster.local')).toEqual({ hostname: 'web-0', domain: '' });
  expect(podNames(pod({ hostname: 'h', subdomain: 'db', setHostnameAsFQDN: true }), 'cluster.local')).toEqual({ hostname: 'h.db.shop.svc.cluster.local', domain: 'db.shop.svc.cluster.local' });
  const of = pod({ subdomain: 'db', hostAliases: [{ ip: '192.0.2.7', hostnames: ['a', 'b'] }] });
  const text = podHosts(of, podNames(of, 'cluster.local'), ['10.244.0.2']);
  expect(text).toContain('10.244.0.2\tweb-0.db.shop.svc.cluster.local\tweb-0\n');
  expect(text).toContain('\n# Entries added by HostAliases.\n192.0.2.7\ta\tb\n');
});

test('security: the container before the pod', () => {
  const of = pod({ securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4, 3], seccompProfile: { type: 'RuntimeDefault' } }, shareProcessNamespace: true });
  expect(containerSecurity(of, { name: 'c', securityContext: { runAsUser: 9, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }, () => '')).toMatchObject({
    runAsUser: 9, runAsGroup: 2, supplementalGroups: [4, 3], seccomp: 'RuntimeDefault', noNewPrivileges: true, dropCapabilities: ['ALL'], sharedPID: 'pod',
  });
  expect(containerSecurity(pod(), { name: 'c' }, () => '').seccomp).toBe('Unconfined');
  const strict = pod({ securityContext: { runAsNonRoot: true } });
  expect(() => verifyRunAsNonRoot(strict, { name: 'c' }, '')).toThrow('container has runAsNonRoot and image will run as root (pod: "web-0_shop(a-b)", container: c)');
  expect(() => verifyRunAsNonRoot(strict, { name: 'c' }, 'www')).toThrow('image has non-numeric user (www), cannot verify user is non-root');
  expect(() => verifyRunAsNonRoot(strict, { name: 'c', securityContext: { runAsUser: 0 } }, '5')).toThrow("container's runAsUser breaks non-root policy");
  expect(() => verifyRunAsNonRoot(strict, { name: 'c' }, '1000:1000')).not.toThrow();
});

test('back-off doubles up to five minutes', () => {
  let entry = nextBackoff(undefined, 0, 0);
  const delays = [entry.delay];
  for (let at = 1; at < 7; at += 1) delays.push((entry = nextBackoff(entry, at, at)).delay);
  expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  expect(delays.map(formatDelay).slice(3)).toEqual(['1m20s', '2m40s', '5m0s', '5m0s']);
  expect(retryAt({ delay: 10_000, updatedAt: 0 }, 5000, 6000)).toBe(15_000);
  expect(retryAt(undefined, 5000, 6000)).toBeUndefined();
});

test('the default network is a bridge with the pod subnet; others are read as they are', () => {
  expect([bridgeName(''), bridgeName('two').length <= 15]).toEqual(['cni0', true]);
  expect(defaultNetwork({ podCIDRs: ['10.244.1.0/24'], bridge: 'cni0', mtu: undefined, dataDir: '/d' }).plugins[0]).toMatchObject({ type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam: { ranges: [[{ subnet: '10.244.1.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] } });
  expect(parseNetworkConfig('{"cniVersion":"1.0.0","name":"n","type":"ptp"}')).toMatchObject({ cniVersion: '1.0.0', name: 'n', plugins: [{ type: 'ptp' }] });
  expect(() => parseNetworkConfig('{"name":"n"}')).toThrow('plugins');
});

test('CAP_SYS_RESOURCE is read from the bounding set', () => {
  expect([hasSysResource('CapBnd:\t000001fffeffffff\n'), hasSysResource('CapBnd:\t000001ffffffffff\n')]).toEqual([false, true]);
});
