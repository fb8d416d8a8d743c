import type { ResourceV1ResourceClaim, V1DeviceClass, V1DeviceRequest, V1ResourceSlice, V1ResourceSliceSpec } from '../../generated/types.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource.ts';

const metadata = { name: 'gpu', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const lines = (errors: readonly { readonly field: string; readonly message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

function claimOf(requests: V1DeviceRequest[], more: object = {}): ResourceV1ResourceClaim {
  const claim: ResourceV1ResourceClaim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata, spec: { devices: { requests: structuredClone(requests), ...more } } };
  resourceClaim.setDefaults?.(claim);
  return claim;
}

const one: V1DeviceRequest = { name: 'one', exactly: { deviceClassName: 'gpu' } };

test('a claim asks for one device of a class, unless it says otherwise', () => {
  expect(claimOf([one]).spec.devices?.requests?.[0]?.exactly).toEqual({ deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 });
  expect(lines(resourceClaim.validate?.(claimOf([one])))).toEqual([]);
  const template = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata, spec: { spec: { devices: { requests: [{ name: 'one' }] } } } };
  expect(lines(resourceClaimTemplate.validate?.(template))).toEqual(['spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required']);
});

test.each<[string, V1DeviceRequest[], object, string[]]>([
  ['names twice', [one, one], {}, ['spec.devices.requests[1].name: Duplicate value: "one"']],
  ['no class', [{ name: 'one', exactly: { deviceClassName: '' } }], {}, ['spec.devices.requests[0].exactly.deviceClassName: Required value']],
  ['all, and so many', [{ name: 'one', exactly: { deviceClassName: 'gpu', allocationMode: 'All', count: 2 } }], {}, ["spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"]],
  ['a mode that there is not', [{ name: 'one', firstAvailable: [{ name: 'a', deviceClassName: 'gpu', allocationMode: 'Some' }] }], {}, ['spec.devices.requests[0].firstAvailable[0].allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"']],
  ['a reference to nothing', [one], { constraints: [{ requests: ['two'], matchAttribute: 'a/b' }] }, ["spec.devices.constraints[0].requests[0]: Invalid value: \"two\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"]],
  ['settings of a driver', [one], { config: [{ opaque: { driver: 'd.example.com', parameters: [1] } }] }, ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object']],
])('%s', (_, requests, more, messages) => {
  expect(lines(resourceClaim.validate?.(claimOf(requests, more)))).toEqual(messages);
});

test('a claim is used by somebody only when it has something', () => {
  const claim = { ...claimOf([one]), status: { reservedFor: [{ resource: 'pods', name: 'a', uid: '1' }, { resource: 'pods', name: '', uid: '1' }] } };
  expect(lines(resourceClaim.validateStatusUpdate?.(claim, claimOf([one])))).toEqual([
    'status.reservedFor[1].name: Required value', 'status.reservedFor[1].uid: Duplicate value: "1"', 'status.reservedFor: Forbidden: may not be specified when `allocation` is not set',
  ]);
});

test('a class has selectors and settings', () => {
  const object: V1DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: { selectors: [{}, { cel: { expression: '' } }], config: [{}] } };
  expect(lines(deviceClass.validate?.(object))).toEqual(['spec.selectors[0].cel: Required value', 'spec.selectors[1].cel.expression: Required value', 'spec.config[0].opaque: Required value']);
});

test('a slice is in one place, and has each device once', () => {
  const slice = (spec: Partial<V1ResourceSliceSpec>): V1ResourceSlice => ({
    apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata, spec: { driver: 'd.example.com', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, ...spec },
  });
  expect(lines(resourceSlice.validate?.(slice({ nodeName: 'n', devices: [{ name: 'a', attributes: { x: { version: '1' } } }, { name: 'a' }] })))).toEqual([
    'spec.devices[0].attributes[x].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0', 'spec.devices[1].name: Duplicate value: "a"',
  ]);
  expect(lines(resourceSlice.validate?.(slice({})))).toEqual(['spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required']);
  expect(lines(resourceSlice.validateUpdate?.(slice({ nodeName: 'm' }), slice({ nodeName: 'n' })))).toEqual(['spec.nodeName: Invalid value: "m": field is immutable']);
});
