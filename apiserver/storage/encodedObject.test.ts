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

describe('what Kubernetes stored', () => {
  const custom = { apiVersion: 'x.example.com/v1', data: { list: ['"metadata":{', { metadata: { x: 1 } }], metadata: { y: 1 } }, kind: 'X', metadata: { name: 'x' } };

  test('has the version in its own metadata, where other fields come first', () => {
    const stored = decodeStored('/registry/x.example.com/xs/d/x', Buffer.from(`${JSON.stringify(custom)}\n`), 7, '7');
    expect(stored.object).toEqual({ ...custom, metadata: { resourceVersion: '7', name: 'x' } });
    expect(stored.bytes.subarray(-2).toString()).toBe('}\n');
    expect(atVersion(stored, 8, '8').object).toEqual({ ...custom, metadata: { resourceVersion: '8', name: 'x' } });
  });

  test('and definitions of custom resources in their present version', () => {
    const definition = {
      kind: 'CustomResourceDefinition',
      apiVersion: 'apiextensions.k8s.io/v1beta1',
      metadata: { name: 'xs.x.example.com' },
      spec: {
        group: 'x.example.com',
        version: 'v1',
        names: { plural: 'xs', kind: 'X' },
        scope: 'Namespaced',
        validation: { openAPIV3Schema: { type: 'object' } },
        versions: [{ name: 'v1', served: true, storage: true }, { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', nullable: true } } }],
        additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.a' }],
        conversion: { strategy: 'Webhook', webhookClientConfig: { url: 'https://x.example.com' }, conversionReviewVersions: ['v1'] },
        preserveUnknownFields: false,
      },
      status: { conditions: [], acceptedNames: { plural: 'xs', kind: 'X' }, storedVersions: ['v1'] },
    };
    const { object: read } = decodeStored('/registry/apiextensions.k8s.io/customresourcedefinitions/xs.x.example.com', Buffer.from(JSON.stringify(definition)), 7, '7');
    const columns = { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a' }] };
    expect(read).toEqual({
      ...definition,
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: { resourceVersion: '7', name: 'xs.x.example.com' },
      spec: {
        group: 'x.example.com',
        names: { plural: 'xs', singular: 'x', kind: 'X', listKind: 'XList' },
        scope: 'Namespaced',
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...columns },
          { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', nullable: true } }, ...columns },
        ],
        conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://x.example.com' }, conversionReviewVersions: ['v1'] } },
      },
    });
  });
});
