import type { KubeObject } from '../../meta.ts';
import type { ResourceDefinition } from '../../resourceDefinition.ts';
import { csiDriver, csiNode } from './csi.ts';
import { storageClass } from './storageClass.ts';
import { volumeAttachment } from './volumeAttachment.ts';

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
