import { loadSchema } from '../../api/schema/schema.ts';
import { customResourceDefinition } from '../../api/kinds/apiextensions/customResourceDefinition.ts';
import { clusterRole } from '../../api/kinds/rbac/clusterRole.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { fillStoredZeroValues, fillZeroValues } from './zeroValues.ts';

const schema = loadSchema();

function filled(model: string, object: Record<string, unknown>): Record<string, unknown> {
  fillZeroValues(schema, schema.model(model), object);
  return object;
}

test('what is printed when it is empty', () => {
  expect(filled('V1ContainerStatus', { name: 'a' })).toMatchObject({ image: '', imageID: '', ready: false, restartCount: 0 });
  expect(filled('V1PodCondition', { type: 'Ready', status: 'True' })).toEqual({ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null });
});

test('pointers without omitempty are null where they are absent, and keep an empty value', () => {
  expect(filled('V1TypedLocalObjectReference', { kind: 'PersistentVolumeClaim', name: 'a' })).toEqual({ apiGroup: null, kind: 'PersistentVolumeClaim', name: 'a' });
  expect(filled('V1TypedObjectReference', { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'a' })).toEqual({ apiGroup: '', kind: 'PersistentVolumeClaim', name: 'a' });
  expect(filled('V1AzureFilePersistentVolumeSource', { secretName: 'a', shareName: 'b' })).toEqual({ secretName: 'a', secretNamespace: null, shareName: 'b' });
  expect(filled('V1TokenRequestSpec', { audiences: ['a'] })).toEqual({ audiences: ['a'], expirationSeconds: null, boundObjectRef: null });
});

test('lists that nobody has set are null; so are empty ones in storage, but for a kind that is kept as JSON', () => {
  expect(filled('V1ClusterRole', {})).toMatchObject({ rules: null });
  expect(filled('V1ClusterRole', { rules: [] })).toMatchObject({ rules: [] });
  const stored = (definition: ResourceDefinition, object: Record<string, unknown>): Record<string, unknown> => {
    fillStoredZeroValues(schema, definition, object);
    return object;
  };
  expect(stored(clusterRole, { rules: [] })).toMatchObject({ rules: null });
  expect(stored(customResourceDefinition, { status: { storedVersions: [] } })).toMatchObject({ status: { storedVersions: [], conditions: null } });
});
