import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { eventsEvent } from '../events/event.ts';
import { builtinDefinitions } from '../index.ts';
import { configMap } from './configMap.ts';
import { endpoints } from './endpoints.ts';
import { event } from './event.ts';
import { limitRange } from './limitRange.ts';
import { namespace } from './namespace.ts';
import { node } from './node.ts';
import { persistentVolume } from './persistentVolume.ts';
import { persistentVolumeClaim } from './persistentVolumeClaim.ts';
import { replicationController } from './replicationController.ts';
import { resourceQuota } from './resourceQuota.ts';
import { secret } from './secret.ts';

const metadata = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T00:05:00Z');

type Fields = KubeObject & Record<string, unknown>;

function objectOf(definition: ResourceDefinition, fields: object): Fields {
  const object = { apiVersion: 'v1', kind: definition.kind, metadata: structuredClone(metadata), ...structuredClone(fields) };
  definition.setDefaults?.(object);
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (definition: ResourceDefinition, fields: object): string[] => texts(definition.validate?.(objectOf(definition, fields)));
const updateErrors = (definition: ResourceDefinition, fields: object, previous: object): string[] => texts(definition.validateUpdate?.(objectOf(definition, fields), objectOf(definition, previous)));
const row = (definition: ResourceDefinition, fields: object): unknown[] => (definition.columns ?? []).map((each) => each.value(objectOf(definition, fields), NOW));

describe('every kind', () => {
  it.each(builtinDefinitions.map((each) => [`${each.group}/${each.kind}`, each] as const))('%s survives an object that says nothing', (_, definition) => {
    const object = objectOf(definition, {});
    const complain = (): unknown => [definition.prepareForCreate?.(object), definition.validate?.(object), definition.validateCreate?.(object), definition.warnings?.(object)];
    expect(complain).not.toThrow();
    // One odd object must not keep the others of a list from being shown or selected.
    expect(() => [definition.columns?.map((each) => each.value(object, NOW)), definition.selectableFields?.(object)]).not.toThrow();
  });
});

describe('namespace', () => {
  it('is labelled with its name, Active, and held by a finalizer', () => {
    const object = objectOf(namespace, {});
    namespace.prepareForCreate?.(object);
    expect(object).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    const next = objectOf(namespace, { spec: { finalizers: [] } });
    namespace.prepareForUpdate?.(next, object);
    expect(next).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
  });
});

describe('config map and secret', () => {
  it('check keys and sizes', () => {
    expect(errorsOf(configMap, { data: { 'a b': '' } })[0]).toMatch(/^data\[a b\]: Invalid value: "a b": a valid config key must consist of/);
    expect(errorsOf(configMap, { data: { a: '' }, binaryData: { a: '' } })).toEqual(['data[a]: Invalid value: "a": duplicate of key present in binaryData']);
    expect(errorsOf(configMap, { data: { a: 'x'.repeat(1024 * 1024 + 1) } })).toEqual(['[]: Too long: may not be more than 1048576 bytes']);
    expect(row(configMap, { data: { a: '', b: '' }, binaryData: { c: '' } })).toEqual([3, '5m']);
  });
  it('may be immutable', () => {
    const immutable = { immutable: true, data: { a: '1' } };
    expect(updateErrors(configMap, { immutable: true, data: { a: '2' } }, immutable)).toEqual(['data: Forbidden: field is immutable when `immutable` is set']);
    expect(updateErrors(configMap, { data: { a: '1' } }, immutable)).toEqual(['immutable: Forbidden: field is immutable when `immutable` is set']);
  });
  it('encode what is sent in the clear', () => {
    const object = objectOf(secret, { stringData: { a: 'hello' }, data: { a: 'eA==', b: 'eQ==' } });
    expect(object).toMatchObject({ type: 'Opaque', data: { a: 'aGVsbG8=', b: 'eQ==' } });
    expect(object.stringData).toBeUndefined();
  });
  it('demand what the type needs', () => {
    expect(errorsOf(secret, { type: 'kubernetes.io/tls' })).toEqual(['data[tls.crt]: Required value', 'data[tls.key]: Required value']);
    expect(errorsOf(secret, { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } })[0]).toMatch(/<secret contents redacted>/);
    expect(errorsOf(secret, { type: 'kubernetes.io/service-account-token' })).toEqual(['metadata.annotations[kubernetes.io/service-account.name]: Required value']);
    expect(updateErrors(secret, { type: 'b' }, { type: 'a' })).toEqual(['type: Invalid value: "b": field is immutable']);
  });
});

describe('node', () => {
  it('shows itself', () => {
    const fields = { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], nodeInfo: { kubeletVersion: 'v1.36.0' } } };
    expect(row(node, fields).slice(0, 6)).toEqual(['Ready,SchedulingDisabled', '<none>', '5m', 'v1.36.0', '10.0.0.1', '<none>']);
    expect(row(node, {})[0]).toBe('Unknown');
  });
  it('has each taint once, and keeps its range', () => {
    expect(errorsOf(node, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'a', value: 'b', effect: 'NoSchedule' }] } })[0]).toMatch(/^metadata\.taints\[1\]: Duplicate value: .*taints must be unique by key and effect pair$/);
    expect(updateErrors(node, { spec: { podCIDR: '10.1.0.0/24' } }, { spec: { podCIDR: '10.2.0.0/24' } })).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']);
    expect(objectOf(node, { status: { capacity: { cpu: '2000m' } } })).toMatchObject({ status: { allocatable: { cpu: '2' } } });
  });
});

describe('events', () => {
  const core = { involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' }, reason: 'Pulled', message: ' hello ', type: 'Normal', count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:04:00Z', source: { component: 'kubelet', host: 'n1' } };
  it('show themselves', () => {
    expect(row(event, core)).toEqual(['60s', 'Normal', 'Pulled', 'pod/web', '', 'kubelet, n1', 'hello', '5m', 2, 'a']);
  });
  it('are the same in both groups', () => {
    const stored = objectOf(event, core);
    const served = eventsEvent.convert!.fromStorage(stored);
    expect(served).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: ' hello ', regarding: { name: 'web' }, deprecatedCount: 2, eventTime: null });
    expect(JSON.parse(JSON.stringify(eventsEvent.convert!.toStorage(served)))).toEqual(JSON.parse(JSON.stringify(stored)));
  });
  it('stand beside their object', () => {
    expect(errorsOf(event, { involvedObject: { namespace: 'other' } })).toEqual(['involvedObject.namespace: Invalid value: "other": does not match event.namespace']);
    expect(errorsOf(event, core)).toEqual([]);
  });
});

describe('the other core kinds', () => {
  it('endpoints show three addresses', () => {
    const addresses = ['1', '2', '3', '4'].map((each) => ({ ip: `10.0.0.${each}` }));
    expect(row(endpoints, { subsets: [{ addresses, ports: [{ port: 80 }] }] })[0]).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...');
    expect(row(endpoints, {})[0]).toBe('<none>');
    expect(errorsOf(endpoints, { subsets: [{ addresses: [{ ip: 'x' }] }] })).toEqual([', (e.g. 10.9.8.7 or 2001:db8::ffff)', ''].map((examples) => `subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address${examples}`));
  });
  it('a quota is of what its scopes can count', () => {
    expect(errorsOf(resourceQuota, { spec: { hard: { gpu: '1' } } })).toEqual(['must be a standard resource type or fully qualified', 'must be a standard resource for quota'].map((detail) => `spec.hard[gpu]: Invalid value: "gpu": ${detail}`));
    expect(errorsOf(resourceQuota, { spec: { hard: { services: '1' }, scopes: ['BestEffort', 'NotBestEffort'] } })).toEqual([
      ...['', ''].map(() => 'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource'), 'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ]);
    expect(errorsOf(resourceQuota, { spec: { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } } })).toEqual(["spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"]);
    expect(updateErrors(resourceQuota, { spec: { scopes: ['Terminating'] } }, { spec: {} })).toEqual(['spec.scopes: Invalid value: ["Terminating"]: field is immutable']);
  });
  it('limit ranges hold together', () => {
    expect(errorsOf(limitRange, { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] } })).toEqual([
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
    ]);
    expect(errorsOf(limitRange, { spec: { limits: [{ type: 'Pods', maxLimitRequestRatio: { cpu: '500m' } }] } })).toEqual([
      'spec.limits[0].type: Invalid value: "Pods": must be a standard limit type or fully qualified', 'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
    ]);
  });
  it('limit ranges fill in what follows', () => {
    expect(objectOf(limitRange, { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }] } })).toMatchObject({ spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }] } });
    expect(errorsOf(limitRange, { spec: { limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] } })).toEqual(['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1']);
  });
  it('quotas show what is used', () => {
    expect(row(resourceQuota, { status: { hard: { pods: '10', 'limits.cpu': '4' }, used: { pods: '3' } } })).toEqual(['pods: 3/10', 'limits.cpu: 0/4', '5m']);
  });
  it('volumes and claims need their parts', () => {
    expect(errorsOf(persistentVolume, { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } })).toEqual(['spec: Required value: must specify a volume type']);
    expect(row(persistentVolume, { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'], hostPath: { path: '/x' } } }).slice(0, 3)).toEqual(['1Gi', 'RWO,RWX', 'Retain']);
    expect(errorsOf(persistentVolumeClaim, { spec: {} })).toEqual(['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value']);
    const claim = { spec: { accessModes: ['ReadWriteOnce'], volumeName: 'v', resources: { requests: { storage: '2Gi' } } } };
    expect(updateErrors(persistentVolumeClaim, { spec: { ...claim.spec, volumeName: 'w' } }, claim)).toEqual([expect.stringMatching(/^spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims\n/)]);
    const bound = { ...claim, status: { phase: 'Bound', capacity: { storage: '2Gi' } } };
    expect(updateErrors(persistentVolumeClaim, { ...bound, spec: { ...claim.spec, resources: { requests: { storage: '1Gi' } } } }, bound)).toEqual(['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity']);
  });
  it('a replication controller takes its selector from the template', () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    expect(objectOf(replicationController, { spec: { template } })).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { selector: { a: 'b' }, replicas: 1 } });
    expect(errorsOf(replicationController, { spec: { template } })).toEqual([]);
    expect(errorsOf(replicationController, { spec: { selector: { x: 'y' }, template } })[0]).toMatch(/`selector` does not match template `labels`$/);
  });
});
