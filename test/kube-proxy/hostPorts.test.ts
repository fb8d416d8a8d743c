import { fixedRules } from '../../kube-proxy/baseRules.ts';
import { fullInput } from '../../kube-proxy/ruleSet.ts';
import { readStanding } from '../../kube-proxy/standing.ts';
import { HostPorts, type PodHostPorts } from '../../kubelet/network/hostPorts.ts';
import { NODE_ADDRESS, type Network, openNetwork } from './network.ts';

describe.each(['iptables-nft', 'iptables-legacy'])('%s', (program) => {
  let network: Network;
  beforeAll(async () => {
    network = await openNetwork(program);
    const { iptables } = network.kernel;
    const steps = [...fullInput(fixedRules({ clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', nodePortAddresses: [] }), new Map(), await readStanding(iptables))];
    await iptables.restore(steps.at(-1)!);
    await network.kernel.setSysctl('net.ipv4.conf.all.route_localnet', '1');
  }, 120_000);
  afterAll(() => network.close());

  test('a host port leads to the pod from everywhere, and is closed again', async () => {
    const { node, pod, otherPod, outside } = network;
    const ports = new HostPorts(network.kernel.iptables);
    const web: PodHostPorts = { pod: 'default/web', sandboxId: 'a', address: '10.244.0.2', ports: (['tcp', 'udp'] as const).map((protocol) => ({ protocol, hostIP: '', hostPort: 8081, containerPort: 8080 })) };
    const api: PodHostPorts = { pod: 'default/api', sandboxId: 'b', address: '10.244.0.3', ports: [{ protocol: 'tcp', hostIP: NODE_ADDRESS, hostPort: 8082, containerPort: 8080 }] };
    await ports.write(() => [web]);
    await ports.write(() => [web, api]);
    expect(await outside.tcp(NODE_ADDRESS, 8081)).toBe('pod 10.240.0.99');
    expect(await outside.udp(NODE_ADDRESS, 8081)).toBe('pod 10.240.0.99');
    expect(await otherPod.tcp(NODE_ADDRESS, 8081)).toBe('pod 10.244.0.3');
    expect(await pod.tcp(NODE_ADDRESS, 8081)).toBe('pod 10.244.0.1');
    expect(await node.tcp('127.0.0.1', 8081)).toBe('pod 10.244.0.1');
    expect(await outside.tcp(NODE_ADDRESS, 8082)).toBe('other 10.240.0.99');
    expect(await node.tcp('127.0.0.1', 8082)).toBe('ECONNREFUSED');
    await ports.write(() => [api]);
    expect(await outside.tcp(NODE_ADDRESS, 8081)).toBe('ECONNREFUSED');
    expect(await outside.tcp(NODE_ADDRESS, 8082)).toBe('other 10.240.0.99');
  });
});
