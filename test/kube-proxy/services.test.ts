import type { V1Service } from '../../api/generated/types.ts';
import { Services } from '../../client/resources.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { delay, eventually } from '../rig/processes.ts';
import { ProxiedCluster } from './cluster.ts';
import { NODE_ADDRESS, type Network, openNetwork, OUTSIDE_ADDRESS } from './network.ts';

const VIP = '10.96.0.20';
const POD = { address: '10.244.0.2' };
const OTHER = { address: '10.244.0.3' };
/** A pod of another node: the machine outside. */
const REMOTE = { address: '10.244.1.2', nodeName: 'elsewhere' };

jest.setTimeout(240_000);

let api: TestApi;
let cluster: ProxiedCluster;
beforeAll(async () => {
  api = await startHandlers();
  cluster = new ProxiedCluster(api);
});
afterAll(async () => {
  cluster.client.close();
  await api.close();
});

describe.each(['iptables-nft', 'iptables-legacy'])('%s', (program) => {
  let network: Network;
  let stopProxy: () => Promise<void>;
  beforeAll(async () => {
    network = await openNetwork(program);
    // As Docker leaves it.
    await network.node.run([program, '--wait', '-P', 'FORWARD', 'DROP']);
    stopProxy = await cluster.startProxy(network);
    await eventually('the first rules stand', 60_000, async () => ((await rules()).includes('GANTRY-FORWARD') ? true : undefined));
  });
  afterAll(async () => {
    await stopProxy();
    await network.close();
  });
  const rules = (): Promise<string> => network.node.run([`${program}-save`]);
  // A name of its own for each test: the endpoints of the last test's Service may still be known when the next one's appears.
  let web = '';
  let count = 0;
  beforeEach(() => {
    count += 1;
    web = `web-${count}`;
  });
  // The address is the next test's: what still stands of this one must not answer there.
  afterEach(async () => {
    await cluster.removeServices();
    await eventually(`the rules of ${web} are gone`, 60_000, async () => ((await rules()).includes(`default/${web}:`) ? undefined : true));
  });

  const noneIsHere = (): Promise<true> => eventually('no endpoint is here', 60_000, async () => ((await rules()).includes(`default/${web}:tcp has no local endpoints`) ? true : undefined));
  const answers = (what: string, ask: () => Promise<string>, expected: string | RegExp): Promise<string> => {
    let last = '';
    return eventually(what, 60_000, async () => {
      last = await ask();
      return (typeof expected === 'string' ? last === expected : expected.test(last)) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; the last answer was "${last}", not ${expected}`, { cause: error });
    });
  };

  test('a cluster IP answers by TCP and UDP, to the node, to pods, and to the pod itself that serves', async () => {
    const { node, pod, otherPod } = network;
    await cluster.addService(web, { clusterIP: VIP }, [POD]);
    await answers('the node is served', () => node.tcp(VIP, 80), /^pod 10\.244\.0\.1$/);
    expect(await node.udp(VIP, 80)).toBe('pod 10.244.0.1');
    expect(await otherPod.tcp(VIP, 80)).toBe('pod 10.244.0.3');
    expect(await otherPod.udp(VIP, 80)).toBe('pod 10.244.0.3');
    expect(await pod.tcp(VIP, 80)).toBe('pod 10.244.0.1');
    expect(await pod.udp(VIP, 80)).toBe('pod 10.244.0.1');
  });

  test('connections are spread over all endpoints', async () => {
    await cluster.addService(web, { clusterIP: VIP }, [POD, OTHER, REMOTE]);
    await answers('all endpoints are known', () => network.node.tcp(VIP, 80), /^outside 10/);
    const seen = new Set<string>();
    for (let turn = 0; turn < 60; turn += 1) seen.add((await network.node.tcp(VIP, 80)).split(' ')[0]!);
    expect([...seen].sort()).toEqual(['other', 'outside', 'pod']);
  });

  test('a node port answers from outside, from pods, and on loopback', async () => {
    const { node, otherPod, outside } = network;
    await cluster.addService(web, { type: 'NodePort', clusterIP: VIP }, [POD]);
    await answers('from outside', () => outside.tcp(NODE_ADDRESS, 30080), 'pod 10.244.0.1');
    expect(await outside.udp(NODE_ADDRESS, 30080)).toBe('pod 10.244.0.1');
    expect(await otherPod.tcp(NODE_ADDRESS, 30080)).toBe('pod 10.244.0.1');
    expect(await node.tcp('127.0.0.1', 30080)).toBe('pod 10.244.0.1');
    expect(await node.udp('127.0.0.1', 30080)).toBe('pod 10.244.0.1');
    expect(await node.tcp(NODE_ADDRESS, 30080)).toBe('pod 10.244.0.1');
  });

  test('an external IP answers whoever sends it here', async () => {
    const { node, otherPod, outside } = network;
    await outside.ip(`route replace 198.51.100.7/32 via ${NODE_ADDRESS}`);
    await cluster.addService(web, { clusterIP: VIP, externalIPs: ['198.51.100.7', '2001:db8::7'] }, [POD]);
    await node.ip('route replace 198.51.100.7/32 dev svc0');
    await otherPod.ip('route replace 198.51.100.7/32 via 10.244.0.1');
    await answers('from outside', () => outside.tcp('198.51.100.7', 80), 'pod 10.244.0.1');
    expect(await outside.udp('198.51.100.7', 80)).toBe('pod 10.244.0.1');
    expect(await otherPod.tcp('198.51.100.7', 80)).toBe('pod 10.244.0.1');
    expect(await node.tcp('198.51.100.7', 80)).toBe('pod 10.244.0.1');
  });

  test('a client with affinity stays with one endpoint until the time is over', async () => {
    const { otherPod } = network;
    const affinity = (timeoutSeconds: number): V1Service['spec'] => ({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } });
    await cluster.addService(web, { clusterIP: VIP, ...affinity(3600) }, [POD, OTHER, REMOTE]);
    const ask = async (): Promise<string> => (await otherPod.tcp(VIP, 80)).split(' ')[0]!;
    const first = await answers('served', ask, /^(pod|other|outside)$/);
    for (let turn = 0; turn < 20; turn += 1) expect(await ask()).toBe(first);
    await cluster.client.patch(Services, web, 'default', 'application/merge-patch+json', { spec: affinity(1) });
    await eventually('the shorter time counts', 60_000, async () => ((await rules()).includes('--rcheck --seconds 1 --reap') ? true : undefined));
    // Each expiry draws anew, among three.
    const afterwards = async (): Promise<string | undefined> => {
      await delay(1_200);
      return (await ask()) === first ? undefined : 'another';
    };
    expect(await eventually('another endpoint is drawn', 90_000, afterwards)).toBe('another');
  });

  test('with externalTrafficPolicy Local outsiders keep their address and stay on the node', async () => {
    const { node, outside } = network;
    await cluster.addService(web, { type: 'NodePort', clusterIP: VIP, externalTrafficPolicy: 'Local' }, [POD, REMOTE]);
    await answers('from outside', () => outside.tcp(NODE_ADDRESS, 30080), `pod ${OUTSIDE_ADDRESS}`);
    for (let turn = 0; turn < 10; turn += 1) expect(await outside.tcp(NODE_ADDRESS, 30080)).toBe(`pod ${OUTSIDE_ADDRESS}`);
    await cluster.setBackends(web, [REMOTE]);
    await noneIsHere();
    expect(await outside.silence(NODE_ADDRESS, 30080)).toBe('ETIMEDOUT');
    expect(await node.tcp(NODE_ADDRESS, 30080)).toMatch(/^outside /);
    expect(await node.tcp(VIP, 80)).toMatch(/^outside /);
  });

  test('with internalTrafficPolicy Local the cluster IP stays on the node, the node port does not', async () => {
    const { node, otherPod } = network;
    await cluster.addService(web, { type: 'NodePort', clusterIP: VIP, internalTrafficPolicy: 'Local' }, [POD, REMOTE]);
    await answers('served', () => otherPod.tcp(VIP, 80), 'pod 10.244.0.3');
    for (let turn = 0; turn < 10; turn += 1) expect(await otherPod.tcp(VIP, 80)).toBe('pod 10.244.0.3');
    await cluster.setBackends(web, [REMOTE]);
    await noneIsHere();
    expect(await otherPod.silence(VIP, 80)).toBe('ETIMEDOUT');
    expect(await node.tcp(NODE_ADDRESS, 30080)).toMatch(/^outside /);
  });

  test('a Service without endpoints refuses at once, everywhere', async () => {
    const { node, pod, outside } = network;
    await cluster.addService(web, { type: 'NodePort', clusterIP: VIP }, []);
    // Without the Service nobody would answer either.
    await eventually('the Service refuses', 60_000, async () => ((await rules()).includes(`default/${web}:tcp has no endpoints`) ? true : undefined));
    expect(await outside.tcp(NODE_ADDRESS, 30080)).toBe('ECONNREFUSED');
    for (const each of [node, pod]) {
      expect(await each.tcp(VIP, 80)).toBe('ECONNREFUSED');
      expect(await each.udp(VIP, 80)).toBe('ECONNREFUSED');
      expect(await each.tcp(NODE_ADDRESS, 30080)).toBe('ECONNREFUSED');
    }
    await cluster.setBackends(web, [POD]);
    await answers('served', () => node.tcp(VIP, 80), 'pod 10.244.0.1');
    await cluster.setBackends(web, [{ ...POD, terminating: true }]);
    expect(await node.tcp(VIP, 80)).toBe('pod 10.244.0.1');
  });

  test('what no Service claims of the service range is refused and never leaves the node', async () => {
    const { node, pod } = network;
    await network.leaked();
    await cluster.addService(web, { clusterIP: VIP }, [POD]);
    await answers('served', () => pod.tcp(VIP, 80), /^pod/);
    for (const each of [node, pod]) {
      expect(await each.tcp('10.99.1.2', 443)).toBe('ECONNREFUSED');
      expect(await each.udp('10.99.1.2', 53)).toBe('ECONNREFUSED');
      expect(await each.tcp(VIP, 81)).toBe('ECONNREFUSED');
    }
    expect(await network.leaked()).toBe(0);
  });

  test('a UDP flow goes on with another endpoint when its own is gone, and gets one when there was none', async () => {
    const { node, outside } = network;
    await cluster.addService(web, { type: 'NodePort', clusterIP: VIP }, [POD]);
    const flow = (): Promise<string> => node.ask({ op: 'flow', flow: `${program}-vip`, to: VIP, port: 80 });
    const fromOutside = (): Promise<string> => outside.ask({ op: 'flow', flow: `${program}-port`, to: NODE_ADDRESS, port: 30080 });
    await answers('the flow is served', flow, /^pod/);
    await answers('the flow from outside is served', fromOutside, /^pod/);
    await cluster.setBackends(web, [OTHER]);
    await answers('the flow has moved', flow, /^other/);
    await answers('the flow from outside has moved', fromOutside, /^other/);
    await cluster.setBackends(web, []);
    await answers('the flow is refused', flow, 'ECONNREFUSED');
    await cluster.setBackends(web, [POD]);
    await answers('the flow is served again', flow, /^pod/);
    expect(await answers('the flow from outside is served again', fromOutside, /^pod/)).toMatch(/^pod/);
  });

  test('what no Service claims passes as it is', async () => {
    const { pod, outside } = network;
    expect(await pod.tcp(OUTSIDE_ADDRESS, 8080)).toBe('outside 10.244.0.2');
    expect(await outside.tcp('10.244.0.3', 8080)).toBe(`other ${OUTSIDE_ADDRESS}`);
    expect(await pod.tcp('10.244.0.3', 8080)).toBe('other 10.244.0.2');
  });
});
