import { isClusterChain } from '../../kube-proxy/chains.ts';
import { ruleRemoval } from '../../cli/down/ruleRemoval.ts';
import type { Logger } from '../../process/log.ts';
import { silentLogger } from '../../process/log.ts';
import { startHandlers, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';
import { ProxiedCluster } from './cluster.ts';
import { type Network, openNetwork } from './network.ts';

const POD = { address: '10.244.0.2' };
const OTHER = { address: '10.244.0.3' };

/** Rules as an engine and an administrator would have them. */
const FOREIGN = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
COMMIT
`;

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
  const errors: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message, fields) => void errors.push(`${message} ${String(fields?.['error'])}`) };

  const saved = (...words: string[]): Promise<string> => network.node.run([`${program}-save`, ...words]);
  // Legacy programs of all namespaces share one lock.
  const restore = (input: string): Promise<string> => network.node.run([`${program}-restore`, '--noflush', '--wait'], { input });
  const rules = async (): Promise<string> => (await saved()).split('\n').filter((line) => !line.startsWith('#')).map((line) => line.replace(/ \[\d+:\d+\]$/, '')).join('\n');
  const served = (address: string, expected = /^(pod|other) /): Promise<string> =>
    eventually(`${address} is served`, 60_000, async () => {
      const answer = await network.node.tcp(address, 80);
      return expected.test(answer) ? answer : undefined;
    });
  let before: string;

  beforeAll(async () => {
    network = await openNetwork(program);
    await restore(FOREIGN);
    before = await rules();
    stopProxy = await cluster.startProxy(network, { logger });
    await cluster.addService('web', { clusterIP: '10.96.0.20' }, [POD]);
    await cluster.addService('api', { clusterIP: '10.96.0.21' }, [OTHER]);
    await served('10.96.0.20');
    await served('10.96.0.21');
  });
  afterAll(async () => {
    await stopProxy();
    await cluster.removeServices();
    await network.close();
  });

  test('a change of one Service leaves the counters of the others alone', async () => {
    const counters = async (chain: string, address: string): Promise<number> => {
      const line = (await saved('-c', '-t', 'nat')).split('\n').find((each) => each.includes(`-A ${chain} `) && each.includes(`-d ${address}/32 -p tcp`));
      return Number(/^\[(\d+):/.exec(line ?? '')?.[1]);
    };
    for (let turn = 0; turn < 3; turn += 1) await network.node.tcp('10.96.0.20', 80);
    const count = await counters('KUBE-SERVICES', '10.96.0.20');
    expect(count).toBeGreaterThanOrEqual(3);
    await cluster.setBackends('api', [POD]);
    await served('10.96.0.21', /^pod /);
    await cluster.addService('third', { clusterIP: '10.96.0.22' }, [POD]);
    await served('10.96.0.22');
    expect(await counters('KUBE-SERVICES', '10.96.0.20')).toBe(count);
    expect(errors).toEqual([]);
  });

  test.each(['nat', 'filter'])('rules come back after somebody flushed the %s table', async (table) => {
    const standing = await rules();
    const at = FOREIGN.indexOf('*filter');
    // At once, or the proxy might already have made some of it anew when the rest is flushed.
    await restore(table === 'nat' ? FOREIGN.slice(0, at).replace('*nat', '*nat\n-F\n-X') : FOREIGN.slice(at).replace('*filter', '*filter\n-F'));
    await eventually('all rules are back', 60_000, async () => (sorted(await rules()) === sorted(standing) ? true : undefined));
    expect(await served('10.96.0.20')).toMatch(/^pod /);
  });

  test('a restore that is refused leads to a full one', async () => {
    const line = (await saved('-t', 'nat')).split('\n').find((each) => each.startsWith('-A KUBE-SERVICES -d 10.96.0.22/32 -p tcp'))!;
    await network.node.run(['sh', '-c', `${program} --wait -t nat ${line.replace(/^-A/, '-D')}`]);
    await cluster.removeService('third');
    await eventually('the Service is gone from the rules', 60_000, async () => ((await rules()).includes('default/third') ? undefined : true));
    expect(errors.length).toBe(1);
    expect(errors[0]).toContain('cannot write the rules');
    await served('10.96.0.20');
    expect(await network.node.tcp('10.96.0.22', 80)).toBe('ECONNREFUSED');
  });

  test('a proxy that starts anew takes over what stands, and drops what is gone', async () => {
    await stopProxy();
    await cluster.setBackends('web', [OTHER]);
    await cluster.removeService('api');
    expect(await network.node.tcp('10.96.0.21', 80)).toMatch(/^pod /);
    stopProxy = await cluster.startProxy(network, { logger });
    await served('10.96.0.20', /^other /);
    expect(await network.node.tcp('10.96.0.21', 80)).toBe('ECONNREFUSED');
    expect(await rules()).not.toContain('default/api');
  });

  test('removal leaves what was there before, and nothing else', async () => {
    await stopProxy();
    await restore(ruleRemoval(await saved(), { docker: false }));
    const left = await rules();
    expect([...left.matchAll(/^:(\S+)/gm)].filter(([, chain]) => isClusterChain(chain!))).toEqual([]);
    expect(sorted(left)).toBe(sorted(before));
  });
});

const sorted = (text: string): string => text.split('\n').sort().join('\n');
