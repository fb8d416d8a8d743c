import type { V1EndpointSlice, V1Service } from '../api/generated/types.ts';
import { decode, encode } from 'dns-packet';
import { readQuestion, writeAnswer } from './answer.ts';
import { type ClusterNames, resolve } from './records.ts';
import { nameServers } from './upstream.ts';

const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const services: Record<string, V1Service> = {
  web: { apiVersion: 'v1', kind: 'Service', metadata: meta('web'), spec: { clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 80 }] } },
  db: { apiVersion: 'v1', kind: 'Service', metadata: meta('db'), spec: { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] } },
  out: { apiVersion: 'v1', kind: 'Service', metadata: meta('out'), spec: { type: 'ExternalName', externalName: 'example.org' } },
};
const slice: V1EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...meta('db-1'), labels: { 'kubernetes.io/service-name': 'db' } },
  addressType: 'IPv4',
  ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.244.0.7'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.0.8'], conditions: { ready: true } },
    { addresses: ['10.244.0.9'], conditions: { ready: false } },
  ],
};
const cluster: ClusterNames = {
  service: (namespace, name) => (namespace === 'default' ? services[name] : undefined),
  slices: (_, service) => (service === 'db' ? [slice] : []),
  hasNamespace: (name) => name === 'default',
  servicesAt: (address) => Object.values(services).filter((each) => each.spec?.clusterIP === address),
  slicesAt: (address) => (slice.endpoints?.some((each) => each.addresses.includes(address)) ? [slice] : []),
};
const ask = (name: string, type = 'A'): unknown => {
  const found = resolve(name, 'cluster.local', cluster);
  return found.kind === 'records' ? found.records.filter((record) => record.type === type).map((record) => record.data) : found.kind;
};

test.each([
  ['web.default.svc.cluster.local', 'A', ['10.96.0.20']],
  ['db.default.svc.cluster.local', 'A', ['10.244.0.7', '10.244.0.8']],
  ['db-0.db.default.svc.cluster.local', 'A', ['10.244.0.7']],
  ['10-244-0-8.db.default.svc.cluster.local', 'A', ['10.244.0.8']],
  ['out.default.svc.cluster.local', 'CNAME', ['example.org']],
  ['_http._tcp.web.default.svc.cluster.local', 'SRV', [{ priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' }]],
  ['_sql._tcp.db.default.svc.cluster.local', 'SRV', [
    { priority: 0, weight: 50, port: 5432, target: 'db-0.db.default.svc.cluster.local' },
    { priority: 0, weight: 50, port: 5432, target: '10-244-0-8.db.default.svc.cluster.local' },
  ]],
  ['20.0.96.10.in-addr.arpa', 'PTR', ['web.default.svc.cluster.local']],
  ['7.0.244.10.in-addr.arpa', 'PTR', ['db-0.db.default.svc.cluster.local']],
  ['10-244-0-7.default.pod.cluster.local', 'A', ['10.244.0.7']],
  ['default.svc.cluster.local', 'A', []],
  ['dns-version.cluster.local', 'TXT', ['1.1.0']],
  ['nope.default.svc.cluster.local', 'A', 'unknown'],
  ['web.nowhere.svc.cluster.local', 'A', 'unknown'],
  ['example.org', 'A', 'elsewhere'],
  ['9.9.9.9.in-addr.arpa', 'PTR', 'elsewhere'],
])('%s %s', (name, type, expected) => {
  expect(ask(name, type)).toEqual(expected);
});

test('an answer keeps the case of the question, and says when it was cut', () => {
  const query = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'DB.default.svc.cluster.local' }] });
  const question = readQuestion(query)!;
  const resolution = resolve(question.name, 'cluster.local', cluster);
  const whole = decode(writeAnswer(question, resolution, 'cluster.local', 512));
  expect(whole.id).toBe(7);
  expect(whole.answers?.map((each) => each.name)).toEqual(['DB.default.svc.cluster.local', 'DB.default.svc.cluster.local']);
  const cut = decode(writeAnswer(question, resolution, 'cluster.local', 60));
  expect([cut.flag_tc, cut.answers]).toEqual([true, []]);
});

test('a name that does not exist, and one that has nothing of the type asked for, are told apart', () => {
  const reply = (name: string): ReturnType<typeof decode> => {
    const question = readQuestion(encode({ type: 'query', id: 1, questions: [{ type: 'AAAA', name }] }))!;
    return decode(writeAnswer(question, resolve(question.name, 'cluster.local', cluster), 'cluster.local', 512));
  };
  expect(reply('nope.default.svc.cluster.local').flags! & 15).toBe(3);
  expect(reply('web.default.svc.cluster.local').flags! & 15).toBe(0);
  expect(reply('web.default.svc.cluster.local').authorities?.[0]?.type).toBe('SOA');
});

test('the upstream servers are those of resolv.conf without ourselves', () => {
  expect(nameServers('search x\nnameserver 10.96.0.10\nnameserver 192.0.2.1\nnameserver ::1\n', ['10.96.0.10'])).toEqual(['192.0.2.1']);
});
