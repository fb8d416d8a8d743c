import { loadSchema } from '../../api/schema/schema.ts';
import { fillZeroValues } from './zeroValues.ts';

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
  expect(filled('V1TokenRequestSpec', { audiences: ['a'] })).toEqual({ audiences: ['a'], boundObjectRef: null });
});
