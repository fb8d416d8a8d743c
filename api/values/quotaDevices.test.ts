import type { ResourceV1ResourceClaim, V1DeviceClass, V1Pod, V1PodSpec } from '../generated/types.ts';
import { formatQuantity } from './quantity.ts';
import { isDeviceQuota, isExtendedQuota, type DeviceFacts } from './quotaDevices.ts';
import { whatPodMustSpecify } from './quotaPods.ts';
import { quotaUsage } from './quotaUsage.ts';

const DEVICES = 'gpu.deviceclass.resource.k8s.io/devices';
const IMPLICIT = 'requests.deviceclass.resource.kubernetes.io/gpu';
const EXPLICIT = 'requests.example.com/gpu';
const [gpu, ofClass] = ['example.com/gpu', 'deviceclass.resource.kubernetes.io/gpu'];
const metadata = { name: 'c', namespace: 'n', uid: 'c', resourceVersion: '1', creationTimestamp: '' };

type Requests = NonNullable<NonNullable<NonNullable<ResourceV1ResourceClaim['spec']>['devices']>['requests']>;

function usage(requests: Requests, facts?: DeviceFacts, more: object = {}): Record<string, string> {
  const claim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { ...metadata, ...more }, spec: { devices: { requests } } };
  const { 'count/resourceclaims.resource.k8s.io': count, ...rest } = Object.fromEntries([...quotaUsage('resource.k8s.io', 'resourceclaims', claim, undefined, facts)].map(([name, amount]) => [name, formatQuantity(amount)]));
  expect(count).toBe('1');
  return rest;
}

const exactly = (count: number, allocationMode = 'ExactCount'): Requests[number] => ({ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode, count } });

it('devices count by their class, and as the extended resource of it', () => {
  const deviceClass: V1DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: { extendedResourceName: gpu } };
  expect(usage([exactly(1), exactly(4)])).toEqual({ [DEVICES]: '5', [IMPLICIT]: '5' });
  expect(usage([exactly(1, 'All')])).toEqual({ [DEVICES]: '32', [IMPLICIT]: '32' });
  expect(usage([exactly(2)], { deviceClass: (name) => (name === 'gpu' ? deviceClass : undefined), pod: () => undefined })).toEqual({ [DEVICES]: '2', [IMPLICIT]: '2', [EXPLICIT]: '2' });
  const firstAvailable = [{ name: 'a', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }, { name: 'b', deviceClassName: 'gpu', allocationMode: 'All' }, { name: 'c', deviceClassName: 'tpu', allocationMode: 'ExactCount', count: 2 }];
  expect(usage([{ name: 'r', firstAvailable }])).toEqual({ [DEVICES]: '32', [IMPLICIT]: '32', 'tpu.deviceclass.resource.k8s.io/devices': '2', 'requests.deviceclass.resource.kubernetes.io/tpu': '2' });
});

const container = (requests: Record<string, string>): V1PodSpec['containers'][number] => ({ name: 'x', resources: { requests } });

it.each<[string, Partial<V1PodSpec>, object, Requests, Record<string, string>]>([
  ['the class', { containers: [container({ [ofClass]: '1' })] }, {}, [exactly(1)], { [DEVICES]: '1', [EXPLICIT]: '1' }],
  ['the extended resource, for an init container', { initContainers: [container({ [gpu]: '1' })], containers: [] }, {}, [exactly(1)], { [DEVICES]: '1', [IMPLICIT]: '1' }],
  ['both', { initContainers: [container({ [gpu]: '1', [ofClass]: '1' })], containers: [container({ [gpu]: '1', [ofClass]: '1' })] }, {}, [exactly(1), exactly(1)], { [DEVICES]: '2', [IMPLICIT]: '1', [EXPLICIT]: '1' }],
  ['both, by another claim', { containers: [container({ [gpu]: '1', [ofClass]: '1' })] }, { extendedResourceClaimStatus: { requestMappings: [], resourceClaimName: 'other' } }, [exactly(1)], { [DEVICES]: '1', [IMPLICIT]: '1', [EXPLICIT]: '1' }],
])('what the pod of a claim asked for itself is counted with the pod: %s', (_, spec, status, requests, expected) => {
  const deviceClass: V1DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: { extendedResourceName: gpu } };
  const pod: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'p', uid: 'p' }, spec: { containers: [], ...spec }, status };
  const more = { annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p', controller: true }] };
  expect(usage(requests, { deviceClass: () => deviceClass, pod: (namespace, name) => (`${namespace}/${name}` === 'n/p' ? pod : undefined) }, more)).toEqual(expected);
});

it('names of quotas that are about devices', () => {
  expect([DEVICES, IMPLICIT, EXPLICIT, 'requests.cpu', 'requests.kubernetes.io/x', gpu].map(isDeviceQuota)).toEqual([true, true, true, false, false, false]);
  expect([IMPLICIT, DEVICES].map(isExtendedQuota)).toEqual([true, false]);
});

it('a pod that says anything for the whole need not say it for its containers', () => {
  const names = ['requests.cpu', 'requests.memory'];
  expect(whatPodMustSpecify({ containers: [container({ cpu: '1' })] }, names)).toBe('must specify requests.memory for: x');
  expect(whatPodMustSpecify({ containers: [container({})], resources: { limits: { memory: '1Gi' } } }, names)).toBeUndefined();
});
