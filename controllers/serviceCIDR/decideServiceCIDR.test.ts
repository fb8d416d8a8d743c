import type { V1IPAddress, V1ServiceCIDR } from '../../api/generated/types.ts';
import { FINALIZER_SERVICE_CIDR } from '../../api/wellKnown.ts';
import { heldBy, overlapping, serviceCIDRStep } from './decideServiceCIDR.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const meta = (name: string, rest: object = {}) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '', ...rest });
const range = (name: string, cidrs: string[], rest: Partial<V1ServiceCIDR> = {}): V1ServiceCIDR => ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: meta(name, { finalizers: [FINALIZER_SERVICE_CIDR] }), spec: { cidrs }, ...rest });
const going = (name: string, cidrs: string[], since = NOW - 10_000): V1ServiceCIDR => range(name, cidrs, { metadata: meta(name, { finalizers: [FINALIZER_SERVICE_CIDR], deletionTimestamp: new Date(since).toISOString() }) });
const address = (name: string, managedBy = 'ipallocator.k8s.io'): V1IPAddress =>
  ({ apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: meta(name, { labels: { 'ipaddress.kubernetes.io/managed-by': managedBy } }), spec: { parentRef: { resource: 'services', name: 's' } } });
const step = (each: V1ServiceCIDR, others: readonly V1ServiceCIDR[] = [], held: readonly V1IPAddress[] = []) => serviceCIDRStep(each, [each, ...others], () => held, NOW);

test('a new range gets the finalizer, then is ready, once', () => {
  expect(step(range('a', ['10.0.0.0/16'], { metadata: meta('a') }))).toEqual({ kind: 'addFinalizer' });
  const ready = step(range('a', ['10.0.0.0/16']));
  expect(ready).toEqual({ kind: 'setReady', condition: { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready', lastTransitionTime: '2026-01-01T00:00:00Z' } });
  expect(step(range('a', ['10.0.0.0/16'], { status: { conditions: [{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: 't' }] } }))).toEqual({ kind: 'none' });
});

test('a range stays while only it covers an address that was given out', () => {
  const blocked = step(going('a', ['10.0.0.0/16']), [range('b', ['10.0.0.0/24'])], [address('10.0.0.7'), address('10.0.9.9')]);
  expect(blocked).toMatchObject({ kind: 'setReady', condition: { status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' } });
  const kind = (others: readonly V1ServiceCIDR[], held: readonly V1IPAddress[]): string => step(going('a', ['10.0.0.0/16']), others, held).kind;
  expect(kind([], [address('10.1.0.1'), address('10.0.9.9', 'me')])).toBe('removeFinalizer');
  expect(kind([range('b', ['10.0.0.0/24'])], [address('10.0.0.7')])).toBe('removeFinalizer');
  expect(kind([range('b', ['10.0.0.0/8'])], [address('10.0.9.9')])).toBe('removeFinalizer');
  expect(kind([range('b', ['10.0.9.0/24'])], [address('10.0.9.255')])).toBe('setReady');
});

test('what may go waits until every API server has heard of it', () => {
  expect(step(going('a', ['10.0.0.0/16'], NOW - 4_000))).toEqual({ kind: 'wait', milliseconds: 6_000 });
  expect(step({ ...going('a', ['10.0.0.0/16']), metadata: meta('a', { deletionTimestamp: 't' }) })).toEqual({ kind: 'none' });
});

test('a new range may let others go, and so may an address', () => {
  const all = [going('a', ['10.0.0.0/16']), range('b', ['10.0.0.0/8']), range('c', ['192.168.0.0/16', 'fd00::/112'])];
  expect(overlapping(range('new', ['10.0.3.0/24']), all)).toEqual(['a', 'b']);
  expect(overlapping(range('new', ['fd00::/64']), all)).toEqual(['c']);
  expect([heldBy(address('10.0.0.1'), all), heldBy(address('192.168.0.1'), all), heldBy(address('10.0.0.1', 'me'), all)]).toEqual([['a'], [], []]);
});
