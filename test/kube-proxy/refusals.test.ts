import { fixedRules } from '../../kube-proxy/baseRules.ts';
import { restoreAll } from '../../kube-proxy/restoring.ts';
import { type PortRules, portRules } from '../../kube-proxy/rules.ts';
import { servicePorts } from '../../kube-proxy/servicePorts.ts';
import type { V1EndpointSlice, V1Service } from '../../api/generated/types.ts';
import { NODE_ADDRESS, type Network, openNetwork } from './network.ts';

const settings = { clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', nodePortAddresses: [], masqueradeAll: false };
const meta = { namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' };

function rulesFor(name: string, spec: V1Service['spec'], balancer?: string): readonly PortRules[] {
  const service: V1Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...meta, name },
    spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    ...(balancer === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip: balancer }] } } }),
  };
  const slice: V1EndpointSlice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { ...meta, name }, addressType: 'IPv4', ports: [{ port: 8080, protocol: 'TCP' }], endpoints: [{ addresses: ['10.244.0.2'], nodeName: 'node' }] };
  return servicePorts(service, [slice], 'node').map((port) => portRules(port, settings));
}

/** What no validation lets through; `loop` is found by the kernel only, which does not say in which line. */
const WRONG = { match: ['-m nosuchmatch -j RETURN'], loop: ['-j KUBE-SVC-AAAAAAAAAAAAAAAA'] } as const;

describe.each(['iptables-nft', 'iptables-legacy'])('%s', (program) => {
  let network: Network;
  beforeAll(async () => {
    network = await openNetwork(program);
  }, 120_000);
  afterAll(() => network.close());
  const write = (wanted: ReadonlyMap<string, readonly PortRules[]>) => restoreAll(network.kernel.iptables, fixedRules(settings), wanted, () => Promise.resolve());

  test.each(['match', 'loop'] as const)('a Service whose rules are refused (%s) stops no other', async (kind) => {
    const bad: PortRules = { chains: new Map([['KUBE-SVC-AAAAAAAAAAAAAAAA', WRONG[kind]]]), services: ['-d 10.96.0.99 -j KUBE-SVC-AAAAAAAAAAAAAAAA'], nodePorts: [], refusals: [], externalRefusals: [], firewall: [] };
    const refused = await write(new Map([['default/web', rulesFor('web', { clusterIP: '10.96.0.20' })], ['default/bad', [bad]], ['default/api', rulesFor('api', { clusterIP: '10.96.0.21' })]]));
    expect([...refused.keys()]).toEqual(['default/bad']);
    expect(await network.node.tcp('10.96.0.20', 80)).toBe('pod 10.244.0.1');
    expect(await network.node.tcp('10.96.0.21', 80)).toBe('pod 10.244.0.1');
    expect(await network.node.run([`${program}-save`, '-t', 'nat'])).not.toContain('AAAAAAAAAAAAAAAA');
  });

  test('a load balancer address answers those in its source ranges and no others', async () => {
    const { node, outside, otherPod } = network;
    await outside.ip(`route replace 198.51.100.9/32 via ${NODE_ADDRESS}`);
    await node.ip('route replace 198.51.100.9/32 dev svc0');
    await otherPod.ip('route replace 198.51.100.9/32 via 10.244.0.1');
    const spec = { type: 'LoadBalancer', clusterIP: '10.96.0.20' };
    await write(new Map([['default/web', rulesFor('web', { ...spec, loadBalancerSourceRanges: ['10.240.0.0/24'] }, '198.51.100.9')]]));
    expect(await outside.tcp('198.51.100.9', 80)).toBe('pod 10.244.0.1');
    expect(await otherPod.silence('198.51.100.9', 80)).toBe('ETIMEDOUT');
    expect(await node.run([`${program}-save`, '-c', '-t', 'filter'])).toMatch(/^\[[1-9]\d*:\d+\] -A KUBE-PROXY-FIREWALL .*-j DROP/m);
    await write(new Map([['default/web', rulesFor('web', spec, '198.51.100.9')]]));
    expect(await otherPod.tcp('198.51.100.9', 80)).toBe('pod 10.244.0.1');
  });
});
