import { serverUrls, withoutOwn } from './serverList.ts';

const all = ['https://192.0.2.1:6443', 'https://192.0.2.2:6443'];

test('the servers of an EndpointSlice that are ready, in order', () => {
  const endpoints = [{ addresses: ['192.0.2.2'] }, { addresses: ['192.0.2.3'], conditions: { ready: false } }, { addresses: ['192.0.2.1'], conditions: { ready: true } }];
  expect(serverUrls({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, addressType: 'IPv4', endpoints, ports: [{ port: 6443 }] })).toEqual(all);
});

test('a control plane that asks its own server by loopback does not count it twice', () => {
  expect(withoutOwn(all, ['https://127.0.0.1:6443'], '192.0.2.1')).toEqual(['https://192.0.2.2:6443']);
});

test('a worker, and a control plane that knows its server by another name, keep all', () => {
  expect(withoutOwn(all, ['https://192.0.2.1:6443'], '192.0.2.9')).toEqual(all);
  expect(withoutOwn(all, ['https://cluster.example:6443'], '192.0.2.1')).toEqual(all);
});
