import type { V1Pod, V1Service } from '../../api/generated/types.ts';
import { fieldValue, resourceValue } from './downwardAPI.ts';
import { expand } from './expansion.ts';
import { serviceEnv } from './serviceEnv.ts';

test.each([
  ['$(A)', 'x'],
  ['$(A)$(A)', 'xx'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$x'],
  ['$(B)', '$(B)'],
  ['$(A', '$(A'],
  ['$A', '$A'],
  ['100$', '100$'],
])('%s expands to %s', (text, expected) => expect(expand(text, (name) => (name === 'A' ? 'x' : undefined))).toBe(expected));

const service = (namespace: string, name: string, clusterIP: string, ports: NonNullable<V1Service['spec']>['ports']): V1Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { namespace, name, uid: '', resourceVersion: '', creationTimestamp: '' }, spec: { clusterIP, ...(ports ? { ports } : {}) },
});

test('services of the namespace and the API server are in the environment', () => {
  const all = [service('default', 'kubernetes', '10.96.0.1', [{ name: 'https', port: 443 }]), service('shop', 'my-db', '10.96.0.5', [{ port: 5432, protocol: 'TCP' }]), service('shop', 'headless', 'None', [{ port: 1 }]), service('other', 'x', '10.96.0.6', [{ port: 1 }])];
  expect(Object.fromEntries(serviceEnv(all, 'shop', true))).toEqual({
    KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443', KUBERNETES_SERVICE_PORT_HTTPS: '443', KUBERNETES_PORT: 'tcp://10.96.0.1:443', KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
    KUBERNETES_PORT_443_TCP_PROTO: 'tcp', KUBERNETES_PORT_443_TCP_PORT: '443', KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
    MY_DB_SERVICE_HOST: '10.96.0.5', MY_DB_SERVICE_PORT: '5432', MY_DB_PORT: 'tcp://10.96.0.5:5432', MY_DB_PORT_5432_TCP: 'tcp://10.96.0.5:5432',
    MY_DB_PORT_5432_TCP_PROTO: 'tcp', MY_DB_PORT_5432_TCP_PORT: '5432', MY_DB_PORT_5432_TCP_ADDR: '10.96.0.5',
  });
  expect([...serviceEnv(all, 'shop', false).keys()].every((name) => name.startsWith('KUBERNETES_'))).toBe(true);
});

const pod: V1Pod = {
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '', creationTimestamp: '', labels: { b: '2', a: 'say "x"' } },
  spec: { nodeName: 'node', serviceAccountName: 'sa', containers: [{ name: 'c', resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '250m' } } }, { name: 'd' }] },
};

test.each([
  ['metadata.name', 'p'],
  ["metadata.labels['b']", '2'],
  ["metadata.annotations['none']", ''],
  ['metadata.labels', 'a="say \\"x\\""\nb="2"'],
  ['spec.nodeName', 'node'],
  ['spec.serviceAccountName', 'sa'],
  ['status.podIPs', '1,2'],
  ['status.hostIP', '9'],
])('the field %s', (path, expected) => expect(fieldValue(pod, path, { podIPs: ['1', '2'], hostIPs: ['9'] })).toBe(expected));

test.each([
  ['c', 'limits.cpu', undefined, '2'],
  ['c', 'limits.cpu', '1m', '1500'],
  ['c', 'limits.memory', '1Mi', '64'],
  ['c', 'requests.cpu', '1m', '250'],
  ['c', 'requests.memory', undefined, '67108864'],
  ['d', 'limits.cpu', undefined, '4'],
  ['d', 'requests.memory', undefined, '0'],
])('of %s the resource %s by %s is %s', (containerName, resource, divisor, expected) =>
  expect(resourceValue(pod, { name: 'c' }, { containerName, resource, ...(divisor ? { divisor } : {}) }, { cpu: '4', memory: '8Gi', ephemeralStorage: '1Gi' })).toBe(expected));
