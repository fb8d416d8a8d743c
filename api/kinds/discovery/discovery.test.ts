import type { V1EndpointSlice } from '../../generated/types.ts';
import { endpointSlice } from './endpointSlice.ts';

const metadata = { name: 'web-x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function slice(fields: Partial<V1EndpointSlice>): V1EndpointSlice {
  const object: V1EndpointSlice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', ...structuredClone(fields) };
  endpointSlice.setDefaults?.(object);
  return object;
}

const errorsOf = (fields: Partial<V1EndpointSlice>): string[] => (endpointSlice.validate?.(slice(fields)) ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('endpoint slice', () => {
  it('gets defaults', () => {
    expect(slice({ ports: [{ port: 80 }] }).ports).toEqual([{ port: 80, name: '', protocol: 'TCP' }]);
  });
  it.each<[Partial<V1EndpointSlice>, string[]]>([
    [{ endpoints: [{ addresses: ['10.0.0.1'], nodeName: 'a', hints: { forZones: [{ name: 'z' }] } }], ports: [{ port: 80 }] }, []],
    [{ addressType: '' }, ['addressType: Required value']],
    [{ addressType: 'IPX' }, ['addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"']],
    [{ endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses: Required value: must contain at least 1 address']],
    [{ endpoints: [{ addresses: ['fd00::1'] }] }, ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address']],
    [{ endpoints: [{ addresses: ['127.0.0.1'] }] }, ['endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    [{ ports: [{ port: 80 }, { port: 81 }] }, ['ports[1].name: Duplicate value: ""']],
    [{ endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'z' }, { name: 'z' }] } }] }, ['endpoints[0].hints.forZones[1].name: Duplicate value: "z"']],
  ])('%j', (fields, messages) => {
    expect(errorsOf(fields)).toEqual(messages);
  });
  it('warns of addresses that not everybody reads alike', () => {
    const ofV6 = (labels?: Record<string, string>): V1EndpointSlice => ({ ...slice({ addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1'] }] }), metadata: { ...metadata, labels } });
    expect(endpointSlice.warnings?.(ofV6())).toEqual(['endpoints[0].addresses[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")']);
    expect(endpointSlice.warnings?.(ofV6({ 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }))).toEqual([]);
    expect(endpointSlice.warnings?.(slice({ addressType: 'FQDN' }))).toEqual(['spec.addressType: FQDN endpoints are deprecated']);
  });
  it('takes no topology any more', () => {
    const object = slice({ endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { a: 'b' } }] });
    const same = structuredClone(object);
    endpointSlice.prepareForUpdate?.(same, object);
    expect(same.endpoints?.[0]?.deprecatedTopology).toEqual({ a: 'b' });
    endpointSlice.prepareForCreate?.(object);
    expect(object.endpoints?.[0]).not.toHaveProperty('deprecatedTopology');
  });
  it('keeps its kind of addresses', () => {
    expect(endpointSlice.validateUpdate?.(slice({ addressType: 'IPv6' }), slice({}))?.map(({ field }) => field)).toEqual(['addressType']);
  });
  it('shows itself', () => {
    const row = (object: V1EndpointSlice): unknown[] => (endpointSlice.columns ?? []).map((each) => each.value(object, Date.parse('2026-01-01T00:01:00Z')));
    expect(row(slice({}))).toEqual(['IPv4', '<unset>', '<unset>', '60s']);
    const endpoints = ['1', '2', '3', '4'].map((each) => ({ addresses: [`10.0.0.${each}`] }));
    expect(row(slice({ endpoints, ports: [{ port: 80 }, { name: 'any' }] }))).toEqual(['IPv4', '80,any', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...', '60s']);
  });
});
