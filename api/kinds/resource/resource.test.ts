import type { ResourceV1ResourceClaim, V1ResourceClaimTemplate, V1DeviceCapacity, V1DeviceClass, V1DeviceRequest, V1ResourceSlice, V1ResourceSliceSpec } from '../../generated/types.ts';
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

test('a template keeps its specification, whatever is said of what is empty', () => {
  const template = (spec: object): V1ResourceClaimTemplate => ({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata, spec: spec as V1ResourceClaimTemplate['spec'] });
  expect(lines(resourceClaimTemplate.validateUpdate?.(template({ metadata: {}, spec: { devices: {} } }), template({ spec: {} })))).toEqual([]);
  expect(lines(resourceClaimTemplate.validateUpdate?.(template({ spec: { devices: { requests: [{ name: 'one' }] } } }), template({ spec: {} })))).toHaveLength(1);
});

test.each<[string, V1DeviceRequest[], object, string[]]>([
  ['names twice', [one, one], {}, ['spec.devices.requests[1]: Duplicate value: "one"']],
  ['no class', [{ name: 'one', exactly: { deviceClassName: '' } }], {}, ['spec.devices.requests[0].exactly.deviceClassName: Required value']],
  ['all, and so many', [{ name: 'one', exactly: { deviceClassName: 'gpu', allocationMode: 'All', count: 2 } }], {}, ["spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"]],
  ['a mode that there is not', [{ name: 'one', firstAvailable: [{ name: 'a', deviceClassName: 'gpu', allocationMode: 'Some' }] }], {}, ['spec.devices.requests[0].firstAvailable[0].allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"']],
  ['a reference to nothing', [one], { constraints: [{ requests: ['two'], matchAttribute: 'a/b' }] }, ["spec.devices.constraints[0].requests[0]: Invalid value: \"two\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"]],
  ['two kinds of request', [{ name: 'one', exactly: { deviceClassName: '' }, firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }], {}, ['spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set']],
  ['a constraint of nothing', [one], { constraints: [{}] }, ['spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set']],
  ['an attribute of nobody', [one], { constraints: [{ matchAttribute: 'model' }] }, ['spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash']],
  ['a reference that is none', [one], { constraints: [{ requests: ['A/b/c'], matchAttribute: 'd.example.com/model' }] }, ["spec.devices.constraints[0].requests[0]: Invalid value: \"A/b/c\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"]],
  ['settings of a driver', [one], { config: [{ opaque: { driver: 'd.example.com', parameters: [1] } }] }, ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object']],
])('%s', (_, requests, more, messages) => {
  expect(lines(resourceClaim.validate?.(claimOf(requests, more)))).toEqual(messages);
});

test('access to devices that others use needs a namespace of administrators, when it is asked for and when it is given', () => {
  const asking = claimOf([one, { name: 'two', exactly: { deviceClassName: 'gpu', adminAccess: true } }]);
  const given = { ...asking, status: { allocation: { devices: { results: [{ request: 'two', driver: 'd', pool: 'p', device: 'x', adminAccess: true }] } } } };
  expect(resourceClaim.namespaceLabelNeed?.(claimOf([one]))).toBeUndefined();
  expect(resourceClaim.namespaceLabelNeed?.(asking)).toMatchObject({
    label: 'resource.kubernetes.io/admin-access',
    value: 'true',
    otherwise: { field: 'spec.devices.requests[1].adminAccess', message: 'Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace' },
  });
  expect(resourceClaim.namespaceLabelNeed?.(given, asking)?.otherwise.field).toBe('status.allocation.devices.results[0].adminAccess');
  expect(resourceClaim.namespaceLabelNeed?.(given, given)).toBeUndefined();
  const template = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata, spec: { spec: asking.spec } };
  expect(resourceClaimTemplate.namespaceLabelNeed?.(template)?.otherwise.field).toBe('spec.devices.requests[1].adminAccess');
});

test('a claim is used by somebody only when it has something', () => {
  const claim = { ...claimOf([one]), status: { reservedFor: [{ resource: 'pods', name: 'a', uid: '1' }, { resource: 'pods', name: '', uid: '1' }] } };
  expect(lines(resourceClaim.validateStatusUpdate?.(claim, claimOf([one])))).toEqual([
    'status.reservedFor[1].name: Required value', 'status.reservedFor[1]: Duplicate value: "1"', 'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ]);
});

test('what a claim is given is of the claim, and drivers speak of that only', () => {
  const result = { request: 'one', driver: 'd.example.com', pool: 'p', device: 'gpu-0' };
  const given = (status: object): ResourceV1ResourceClaim => ({ ...claimOf([one]), status });
  const errors = (status: object): string[] => lines(resourceClaim.validateStatusUpdate?.(given(status), claimOf([one])));
  const allocation = { devices: { results: [result], config: [{ source: 'FromClass', opaque: { driver: 'd.example.com', parameters: {} } }] } };
  expect(errors({ allocation, devices: [{ driver: 'd.example.com', pool: 'p', device: 'gpu-0', conditions: [] }] })).toEqual([]);
  expect(errors({ allocation: { devices: { results: [{ ...result, request: 'two', pool: '' }], config: [{ source: 'Odd', opaque: { driver: 'd.example.com', parameters: {} } }] } } })).toEqual([
    "status.allocation.devices.results[0].request: Invalid value: \"two\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
    'status.allocation.devices.results[0].pool: Required value', 'status.allocation.devices.config[0].source: Unsupported value: "Odd": supported values: "FromClaim", "FromClass"',
  ]);
  const share = { ...result, shareID: '0A', tolerations: [{ operator: 'Equal', value: 'x' }, { operator: 'Odd' }] };
  expect(errors({ allocation: { devices: { results: [share] } } })).toEqual([
    'status.allocation.devices.results[0].tolerations[1].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
    'status.allocation.devices.results[0].shareID: Invalid value: "0A": must be a lowercase UUID in 8-4-4-4-12 format',
  ]);
  expect(errors({ allocation: { devices: { results: [{ ...result, device: '', shareID: '6f1a0b9e-0000-4000-8000-00000000000a' }] } } })).toEqual([expect.stringMatching(/^status\.allocation\.devices\.results\[0\]\.device: Invalid value: "": a lowercase RFC 1123 label/)]);
  expect(errors({ devices: [{ driver: 'd.example.com', pool: 'p', device: 'gpu-0', networkData: { interfaceName: 'x'.repeat(257), ips: ['10.0.0.1/24', '10.0.0.1/24'] } }] })).toEqual([
    'status.devices[0]: Invalid value: "d.example.com/p/gpu-0": must be an allocated device in the claim', 'status.devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
    'status.devices[0].networkData.ips[1]: Duplicate value: "10.0.0.1/24"',
  ]);
});

test('a class has selectors and settings', () => {
  const object: V1DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: { selectors: [{}, { cel: { expression: '' } }], config: [{}] } };
  expect(lines(deviceClass.validate?.(object))).toEqual(['spec.selectors[0].cel: Required value', 'spec.selectors[1].cel.expression: Required value', 'spec.config[0].opaque: Required value']);
});

const slice = (spec: Partial<V1ResourceSliceSpec>): V1ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata, spec: structuredClone({ driver: 'd.example.com', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, ...spec }),
});

test.each<[string, Partial<V1ResourceSliceSpec>, string[]]>([
  ['twice', { nodeName: 'n', allNodes: true }, [': Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set']],
  ['nowhere', { nodeName: '', allNodes: false }, [
    '.nodeName: Invalid value: "": must be either unset or set to a non-empty string', '.allNodes: Invalid value: false: must be either unset or set to true',
    ': Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
  ]],
  ['of counters and devices', { nodeName: 'n', devices: [], sharedCounters: [{ name: 'a', counters: {} }, { name: 'a', counters: { A: { value: '1' } } }] }, [
    ': Invalid value: "": only one of `sharedCounters` or `devices` is allowed', '.sharedCounters[0].counters: Required value', expect.stringMatching(/^\.sharedCounters\[1\]\.counters: Invalid value: "A": a lowercase RFC 1123 label/), '.sharedCounters[1]: Duplicate value: "a"',
  ]],
  ['that uses counters', { nodeName: 'n', devices: [{ name: 'd', consumesCounters: [{ counterSet: 'a', counters: { memory: { value: '1Gi' } } }, { counterSet: '', counters: {} }] }] }, ['.devices[0].consumesCounters[1].counterSet: Required value', '.devices[0].consumesCounters[1].counters: Required value']],
  ['of too many counters', { nodeName: 'n', sharedCounters: Array.from({ length: 9 }, (_, at) => ({ name: `s${at}`, counters: { a: { value: '1' } } })) }, ['.sharedCounters: Too many: 9: must have at most 8 items']],
  ['of devices in places', { perDeviceNodeSelection: true, devices: [{ name: 'a' }, { name: 'b', nodeName: 'n', allNodes: true }, { name: 'c', nodeName: 'n' }] }, [
    '.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    '.devices[1]: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
  ]],
  ['of a device in a place of its own', { nodeName: 'n', devices: [{ name: 'a', allNodes: true }] }, ['.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec']],
  ['with conditions of binding', { nodeName: 'n', devices: [{ name: 'a', bindingConditions: ['ready', 'ready'] }, { name: 'b', bindingConditions: ['x'], bindingFailureConditions: ['x'] }, { name: 'c', bindingFailureConditions: ['x'] }] }, [
    '.devices[0].bindingConditions[1]: Duplicate value: "ready"', '.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
    '.devices[1].bindingFailureConditions[0]: Invalid value: "x": bindingFailureConditions must not overlap with bindingConditions', '.devices[2].bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions',
  ]],
  ['with names of attributes', { nodeName: 'n', devices: [{ name: 'a', attributes: { 'a/': { bool: true }, '/a': { bool: true }, 'd.example.com/a': {} } }] }, [
    '.devices[0].attributes: Invalid value: "": the name must not be empty', '.devices[0].attributes: Invalid value: "": the domain must not be empty', '.devices[0].attributes[d.example.com/a]: Invalid value: "": exactly one value must be specified',
  ]],
])('a slice %s is refused', (_, spec, messages) => {
  expect(lines(resourceSlice.validate?.(slice(spec))).map((each) => each.replace(/^spec/, ''))).toEqual(messages);
});

test.each<[string, V1DeviceCapacity, boolean, string[]]>([
  ['to one only', { value: '10', requestPolicy: {} }, false, [': Forbidden: allowMultipleAllocations must be true']],
  ['in good portions', { value: '10', requestPolicy: { default: '2', validRange: { min: '2', max: '8', step: '2' } } }, true, []],
  ['in good values', { value: '10', requestPolicy: { default: '2', validValues: ['2', '4'] } }, true, []],
  ['in two ways', { value: '10', requestPolicy: { default: '2', validValues: ['2'], validRange: { min: '1' } } }, true, [': Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time']],
  ['without a usual value', { value: '10', requestPolicy: { validValues: ['2'] } }, true, ['.default: Required value: required when validValues is defined']],
  ['in odd values', { value: '10', requestPolicy: { default: '3', validValues: ['4', '2', '2', '11'] } }, true, [
    '.validValues[1]: Invalid value: "2": values must be sorted in ascending order', '.validValues[3]: Invalid value: "11": option is larger than capacity value: 10', '.validValues[2]: Duplicate value: "2"',
    '.validValues: Invalid value: "3": default value is not valid according to the requestPolicy',
  ]],
  ['in odd portions', { value: '10', requestPolicy: { default: '1', validRange: { min: '2', max: '12', step: '9' } } }, true, [
    '.validRange.min: Invalid value: "1": default is less than min: 2', '.validRange.max: Invalid value: "12": max is larger than capacity value: 10', '.validRange.step: Invalid value: "9": one step 11 is larger than capacity value: 10',
    '.validRange.step: Invalid value: "1": value is not a multiple of a given step (9) from (2)', '.validRange.step: Invalid value: "12": value is not a multiple of a given step (9) from (2)',
  ]],
])('a capacity is given away %s', (_, capacity, allowMultipleAllocations, messages) => {
  const spec = { nodeName: 'n', devices: [{ name: 'a', allowMultipleAllocations, capacity: { memory: capacity } }] };
  expect(lines(resourceSlice.validate?.(slice(spec)))).toEqual(messages.map((each) => `spec.devices[0].capacity[memory].requestPolicy${each}`));
});

test('a taint says since when it is there', () => {
  const tainted = (...keys: string[]): V1ResourceSlice => slice({ nodeName: 'n', devices: [{ name: 'a', taints: keys.map((key) => ({ key, effect: 'NoSchedule' })) }] });
  const times = ({ spec }: V1ResourceSlice): unknown[] => spec.devices?.[0]?.taints?.map(({ timeAdded }) => timeAdded) ?? [];
  const first = tainted('x');
  resourceSlice.prepareForCreate?.(first);
  expect(times(first)).toEqual([metadata.creationTimestamp]);
  const second = tainted('x', 'y');
  resourceSlice.prepareForUpdate?.(second, first, 'later');
  expect(times(second)).toEqual([metadata.creationTimestamp, 'later']);
});

test('a slice is in one place, and has each device once', () => {
  expect(lines(resourceSlice.validate?.(slice({ nodeName: 'n', devices: [{ name: 'a', attributes: { x: { version: '1' } } }, { name: 'a' }] })))).toEqual([
    'spec.devices[0].attributes[x].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0', 'spec.devices[1]: Duplicate value: "a"',
  ]);
  expect(lines(resourceSlice.validate?.(slice({})))).toEqual(['spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required']);
  expect(lines(resourceSlice.validateUpdate?.(slice({ nodeName: 'm' }), slice({ nodeName: 'n' })))).toEqual(['spec.nodeName: Invalid value: "m": field is immutable']);
});
