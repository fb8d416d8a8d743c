import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { csiDriver, csiNode, csiStorageCapacity } from './csi.ts';
import { storageClass } from './storageClass.ts';
import { volumeAttachment } from './volumeAttachment.ts';
import { volumeAttributesClass } from './volumeAttributesClass.ts';

const metadata = { name: 'disk.example.com', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T00:01:00Z');

function objectOf(definition: ResourceDefinition, fields: object): KubeObject {
  const object = { apiVersion: 'storage.k8s.io/v1', kind: definition.kind, metadata, ...structuredClone(fields) };
  definition.setDefaults?.(object);
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (definition: ResourceDefinition, fields: object): string[] => texts(definition.validate?.(objectOf(definition, fields)));
const updateErrors = (definition: ResourceDefinition, fields: object, previous: object): string[] => texts(definition.validateUpdate?.(objectOf(definition, fields), objectOf(definition, previous)));
const row = (definition: ResourceDefinition, fields: object): unknown[] => (definition.columns ?? []).map((each) => each.value(objectOf(definition, fields), NOW));

describe('what drivers are told', () => {
  it('is bounded, and of the form that they understand', () => {
    expect(errorsOf(volumeAttributesClass, { driverName: 'disk.example.com' })).toEqual(['parameters: Required value: must contain at least one key/value pair']);
    expect(errorsOf(storageClass, { provisioner: 'p', parameters: { a: 'x'.repeat(256 * 1024) } })).toEqual(['parameters: Too long: may not be more than 262144 bytes']);
    expect(errorsOf(storageClass, { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }] }, { matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }] })).toEqual([
      'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"', 'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ]);
    expect(errorsOf(csiDriver, { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 60 }], nodeAllocatableUpdatePeriodSeconds: 5 } })).toEqual([
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes', 'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
    ]);
    expect(errorsOf(csiStorageCapacity, { storageClassName: 'c', capacity: '-1' })).toEqual(['capacity: Invalid value: "-1": must be greater than or equal to 0']);
    expect(updateErrors(csiStorageCapacity, { storageClassName: 'd' }, { storageClassName: 'c' })).toEqual(['storageClassName: Invalid value: "d": field is immutable']);
    expect(updateErrors(csiNode, { spec: { drivers: [{ name: 'a', nodeID: 'y' }] } }, { spec: { drivers: [{ name: 'a', nodeID: 'x' }] } })).toEqual(['CSINode: Invalid value: [{"Name":"a","NodeID":"y","TopologyKeys":null,"Allocatable":null}]: field is immutable']);
  });
  it('may stand in an attachment itself, if it is of a CSI driver', () => {
    const source = { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } } };
    expect(errorsOf(volumeAttachment, { spec: { attacher: 'disk.example.com', nodeName: 'n', source } })).toEqual([
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes', 'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    ]);
  });
});

describe('storage class', () => {
  it('gets defaults, and shows whether it is the default', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    expect(row(storageClass, { metadata: { ...metadata, annotations }, provisioner: 'p' })).toEqual(['disk.example.com (default)', 'p', 'Delete', 'Immediate', false, '60s']);
  });
  it('stays what it is', () => {
    expect(errorsOf(storageClass, {})).toEqual(['provisioner: Required value']);
    expect(updateErrors(storageClass, { provisioner: 'p', parameters: { a: 'b' } }, { provisioner: 'q' })).toEqual(['parameters: Forbidden: updates to parameters are forbidden.', 'provisioner: Forbidden: updates to provisioner are forbidden.']);
  });
});

describe('CSI', () => {
  it('drivers get defaults and keep how they attach', () => {
    expect(row(csiDriver, { spec: {} })).toEqual([true, false, false, '<unset>', false, 'Persistent', '60s']);
    expect(errorsOf(csiDriver, { spec: { volumeLifecycleModes: ['Eternal'] } })).toEqual(['spec.volumeLifecycleModes[0]: Unsupported value: "Eternal": supported values: "Ephemeral", "Persistent"']);
    expect(updateErrors(csiDriver, { spec: { attachRequired: false } }, { spec: {} })).toEqual(['spec.attachRequired: Invalid value: false: field is immutable']);
  });
  it('nodes have each driver once', () => {
    expect(errorsOf(csiNode, { spec: { drivers: [{ name: 'd', nodeID: 'n' }, { name: 'd' }] } })).toEqual(['spec.drivers[1].nodeID: Required value', 'spec.drivers[1].name: Duplicate value: "d"']);
  });
});

describe('volume attachment', () => {
  const spec = { attacher: 'disk.example.com', nodeName: 'a', source: { persistentVolumeName: 'pv' } };
  it('is of one volume to one node, for good', () => {
    expect(errorsOf(volumeAttachment, { spec })).toEqual([]);
    expect(errorsOf(volumeAttachment, { spec: {} })).toEqual(['spec.attacher: Required value', expect.stringMatching(/^spec\.attacher: Invalid value: "": a lowercase RFC 1123 subdomain/), 'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName', 'spec.nodeName: Required value']);
    expect(updateErrors(volumeAttachment, { spec: { ...spec, nodeName: 'b' } }, { spec })).toHaveLength(1);
    expect(row(volumeAttachment, { spec })).toEqual(['disk.example.com', 'pv', 'a', false, '60s']);
  });
});
