import type { Flow } from '../host/conntrack.ts';
import { fixedRules } from './baseRules.ts';
import { portRules } from './rules.ts';
import { guiltyOf } from './restoring.ts';
import { incrementalInput } from './ruleSet.ts';
import type { ServicePort } from './servicePorts.ts';
import { staleFlows } from './staleFlows.ts';

const settings = { clusterCIDR: '10.244.0.0/16', masqueradeAll: false };
const endpoint = (address: string, local = true): ServicePort['endpoints'][number] => ({ address, port: 8080, local });
const web: ServicePort = {
  service: 'default/web',
  name: 'default/web:http',
  protocol: 'TCP',
  clusterIP: '10.96.0.20',
  port: 80,
  nodePort: 0,
  externalIPs: [],
  loadBalancerIPs: [],
  sourceRanges: [],
  affinitySeconds: 0,
  internalLocal: false,
  externalLocal: false,
  healthCheckNodePort: 0,
  endpoints: [endpoint('10.244.0.5'), endpoint('10.244.1.5', false)],
  localEndpoints: [endpoint('10.244.0.5')],
};

test('a cluster IP is spread evenly over its endpoints', () => {
  const { chains, services, nodePorts } = portRules(web, settings);
  const spread = [...chains].find(([chain]) => chain.startsWith('KUBE-SVC-'))!;
  expect(services).toEqual([`-m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j ${spread[0]}`]);
  expect(spread[1]).toHaveLength(3);
  expect(spread[1][0]).toContain('! -s 10.244.0.0/16 -j KUBE-MARK-MASQ');
  expect(spread[1][1]).toContain('--probability 0.5000000000');
  expect(spread[1][2]).not.toContain('--probability');
  expect(nodePorts).toEqual([]);
});

test('chain names are those that kube-proxy gives', () => {
  const dns = { ...web, name: 'kube-system/kube-dns:dns', protocol: 'UDP' as const };
  expect([...portRules(dns, settings).chains.keys()]).toContain('KUBE-SVC-TCOU7JCQXEZGVUNU');
});

test('a Service without endpoints refuses, at its node port too', () => {
  const rules = portRules({ ...web, nodePort: 30080, endpoints: [], localEndpoints: [] }, settings);
  expect(rules.chains.size).toBe(0);
  expect(rules.refusals).toEqual(['-m comment --comment "default/web:http has no endpoints" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j REJECT --reject-with tcp-reset']);
  expect(rules.externalRefusals[0]).toContain('-m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT');
});

test('with externalTrafficPolicy Local traffic from outside stays on the node, and is dropped where the node has no endpoint', () => {
  const local = { ...web, nodePort: 30080, externalLocal: true };
  const chains = portRules(local, settings).chains;
  expect([...chains.keys()].some((chain) => chain.startsWith('KUBE-SVL-'))).toBe(true);
  expect(portRules({ ...local, localEndpoints: [] }, settings).externalRefusals[0]).toContain('has no local endpoints');
});

test('only what changed is written', () => {
  const before = portRules(web, settings);
  const after = portRules({ ...web, endpoints: [endpoint('10.244.0.5')] }, settings);
  expect(incrementalInput(new Map([['default/web', [before]]]), new Map([['default/web', [before]]]))).toBe('');
  const input = incrementalInput(new Map([['default/web', [before]]]), new Map([['default/web', [after]]]));
  expect(input.match(/^:KUBE-SVC-/gm)).toHaveLength(1);
  expect(input.match(/^-X KUBE-SEP-/gm)).toHaveLength(1);
  expect(input).not.toContain('KUBE-SERVICES');
  const removal = incrementalInput(new Map([['default/web', [after]]]), new Map([['default/web', []]]));
  expect(removal.match(/^-D KUBE-SERVICES /gm)).toHaveLength(1);
  expect(removal.match(/^-X /gm)).toHaveLength(2);
});

test('with internalTrafficPolicy Local only traffic from within stays on the node', () => {
  const local = { ...web, nodePort: 30080, internalLocal: true };
  const rules = portRules(local, settings);
  expect(rules.services[0]).toMatch(/-j KUBE-SVL-\w+$/);
  const [, entrance] = [...rules.chains].find(([chain]) => chain.startsWith('KUBE-EXT-'))!;
  expect(entrance.at(-1)).toMatch(/^-j KUBE-SVC-/);
  const elsewhere = portRules({ ...local, localEndpoints: [] }, settings);
  expect(elsewhere.refusals).toEqual(['-m comment --comment "default/web:http has no local endpoints" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j DROP']);
  expect(elsewhere.nodePorts).toHaveLength(1);
});

test('UDP flows that go where the rules would not send them are forgotten, once per pair of ends', () => {
  const dns = { ...web, port: 53, protocol: 'UDP' as const, nodePort: 30053 };
  const flow = (destination: string, destinationPort: number, replySource: string, replySourcePort = 8080): Flow => ({ destination, destinationPort, replySource, replySourcePort });
  const gone = flow('10.96.0.20', 53, '10.244.0.9');
  const unheard = flow('10.240.0.11', 30053, '10.240.0.11', 30053);
  const flows = [gone, gone, flow('10.96.0.20', 53, '10.244.0.5'), flow('10.96.0.21', 53, '10.244.0.9'), unheard, flow('192.0.2.1', 30053, '192.0.2.1', 30053)];
  expect(staleFlows(flows, [dns], new Set(['10.240.0.11']))).toEqual([gone, unheard]);
  expect(staleFlows(flows, [web], new Set())).toEqual([]);
});

test('a load balancer address is open to its source ranges only', () => {
  const guarded = { ...web, loadBalancerIPs: ['198.51.100.9'], sourceRanges: ['10.240.0.0/24'] };
  const rules = portRules(guarded, settings);
  const [chain, lines] = [...rules.chains].find(([name]) => name.startsWith('KUBE-FW-'))!;
  expect(rules.services[1]).toBe(`-m comment --comment "default/web:http loadbalancer IP" -m tcp -p tcp -d 198.51.100.9 --dport 80 -j ${chain}`);
  expect(lines[0]).toMatch(/-s 10\.240\.0\.0\/24 -j KUBE-EXT-/);
  expect(rules.firewall).toEqual([`-m comment --comment "default/web:http traffic not accepted by ${chain}" -m tcp -p tcp -d 198.51.100.9 --dport 80 -j DROP`]);
  expect(portRules({ ...guarded, sourceRanges: [] }, settings).firewall).toEqual([]);
});

test('the Service is found whose line iptables refuses', () => {
  const bad = portRules({ ...web, name: 'default/bad:http', clusterIP: '10.96.0.21', endpoints: [endpoint('nowhere')] }, settings);
  const all = new Map([['default/web', [portRules(web, settings)]], ['default/bad', [bad]]]);
  const input = incrementalInput(new Map(), all);
  const line = input.split('\n').findIndex((each) => each.includes('nowhere')) + 1;
  expect(guiltyOf(input, `iptables-restore v1.8.9 (legacy): Bad IP address\nError occurred at line: ${line}`, all)).toEqual(['default/bad']);
  expect(guiltyOf(input, `line ${input.split('\n').indexOf('COMMIT') + 1} failed`, all)).toEqual([]);
  expect(guiltyOf(input, 'no more memory', all)).toEqual([]);
});

test('pods that use a cluster IP keep their address, unless all are masqueraded', () => {
  const rules = (masqueradeAll: boolean): readonly string[] => [...portRules(web, { ...settings, masqueradeAll }).chains.values()].flat().filter((rule) => rule.includes('cluster IP') && rule.endsWith('KUBE-MARK-MASQ'));
  expect(rules(false)).toEqual([expect.stringContaining('! -s 10.244.0.0/16')]);
  expect(rules(true)).toEqual([expect.not.stringContaining('-s ')]);
});

test('node ports answer at all addresses, or at those that were chosen', () => {
  const entrances = (nodePortAddresses: readonly string[]) => fixedRules({ clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', nodePortAddresses }).nodePortEntrances;
  expect(entrances([])).toEqual([expect.stringMatching(/last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS$/)]);
  expect(entrances(['10.240.0.0/24', '127.0.0.0/8'])).toEqual([expect.stringContaining(' -d 10.240.0.0/24 -m addrtype'), expect.stringContaining(' -d 127.0.0.0/8 -m addrtype')]);
});

test('an SCTP port has the same rules by its own protocol', () => {
  const sctp: ServicePort = { ...web, protocol: 'SCTP', nodePort: 30_080 };
  const { services, nodePorts, chains } = portRules(sctp, settings);
  expect([...services, ...nodePorts, ...[...chains.values()].flat().filter((rule) => rule.includes('DNAT'))].every((rule) => rule.includes('-m sctp -p sctp'))).toBe(true);
  const { refusals } = portRules({ ...sctp, endpoints: [], localEndpoints: [] }, settings);
  expect(refusals).toEqual([expect.stringMatching(/-m sctp -p sctp .* -j REJECT$/)]);
});
