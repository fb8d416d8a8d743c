import { atVersion, decodeStored, encodeObject, withVersion } from './encodedObject.ts';

const object = {
  spec: { template: { metadata: { name: 'inner', resourceVersion: 'kept' } } },
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u', resourceVersion: '12', creationTimestamp: 't', annotations: { tricky: '"metadata":{"x"' } },
  apiVersion: 'apps/v1',
};

test('what etcd keeps has no resourceVersion of the object itself, wherever metadata stood', () => {
  const kept = JSON.parse(encodeObject(object).toString());
  expect(kept).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
  expect(kept.spec.template.metadata.resourceVersion).toBe('kept');
});

test('reading gives it the resourceVersion of its revision, in object and bytes alike', () => {
  const stored = decodeStored('/registry/apps/deployments/d/web', encodeObject(object), 7, '1000000007');
  expect(stored.object).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion: '1000000007' } });
  expect(JSON.parse(stored.bytes.toString())).toEqual(stored.object);
  expect(stored.revision).toBe(7);
});

test('a deleted object bears the version of its deletion', () => {
  const stored = decodeStored('/registry/apps/deployments/d/web', encodeObject(object), 7, '7');
  const last = atVersion(stored, 12345, '12345');
  expect(last.object).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion: '12345' } });
  expect(stored.object.metadata.resourceVersion).toBe('7');
});

test('metadata may be empty', () => {
  expect(withVersion(Buffer.from('{"kind":"X","metadata":{}}'), '5')?.toString()).toBe('{"kind":"X","metadata":{"resourceVersion":"5"}}\n');
});

test('a value that is no object is refused', () => {
  expect(() => decodeStored('/registry/pods/d/x', Buffer.from('garbage'), 1, '1')).toThrow('is not an object');
});
