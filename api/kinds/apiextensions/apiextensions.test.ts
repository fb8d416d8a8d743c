import type { V1CustomResourceDefinition, V1CustomResourceDefinitionSpec } from '../../generated/types.ts';
import { customResourceDefinition } from './customResourceDefinition.ts';

const metadata = { name: 'cranes.example.com', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
const base: V1CustomResourceDefinitionSpec = { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions: [version] };

function definitionOf(more: Partial<V1CustomResourceDefinitionSpec>, status?: V1CustomResourceDefinition['status']): V1CustomResourceDefinition {
  const object: V1CustomResourceDefinition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec: structuredClone({ ...base, ...more }), ...(status ? { status } : {}) };
  customResourceDefinition.setDefaults?.(object);
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('custom resource definition', () => {
  it('gets defaults, and remembers the versions that objects may be stored in', () => {
    const object = definitionOf({});
    customResourceDefinition.prepareForCreate?.(object);
    expect(object).toMatchObject({ spec: { names: { singular: 'crane', listKind: 'CraneList' }, conversion: { strategy: 'None' } }, status: { storedVersions: ['v1'] } });
    const next = definitionOf({ versions: [{ ...version, storage: false }, { ...version, name: 'v2' }] }, { storedVersions: ['v1'] });
    customResourceDefinition.prepareForUpdate?.(next, object);
    expect(next.status).toEqual({ storedVersions: ['v1', 'v2'] });
  });
  it.each<[Partial<V1CustomResourceDefinitionSpec>, string[]]>([
    [{}, []],
    [{ names: { plural: 'hoists', kind: 'Hoist' } }, ['metadata.name: Invalid value: "cranes.example.com": must be spec.names.plural+"."+spec.group']],
    [{ scope: '' }, ['spec.scope: Required value']],
    [{ versions: [{ ...version, storage: false }] }, ['spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version']],
    [{ versions: [{ name: 'v1', served: true, storage: true }] }, ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required']],
    [{ names: { plural: 'cranes', kind: 'Crane', listKind: 'Crane' } }, ['spec.names.listKind: Invalid value: "Crane": kind and listKind may not be the same']],
    [{ versions: [{ ...version, additionalPrinterColumns: [{ name: 'Size', type: 'text', jsonPath: '.spec.size' }] }] }, ['spec.versions[0].additionalPrinterColumns[0].type: Unsupported value: "text": supported values: "boolean", "date", "integer", "number", "string"']],
    [{ versions: [{ ...version, subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.spec.x' } } }] }, ['spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status']],
  ])('%j', (spec, messages) => {
    expect(texts(customResourceDefinition.validate?.(definitionOf(spec)))).toEqual(messages);
  });
  it('keeps its scope once it is established', () => {
    const previous = definitionOf({}, { conditions: [{ type: 'Established', status: 'True' }] });
    expect(texts(customResourceDefinition.validateUpdate?.(definitionOf({ scope: 'Cluster' }), previous))).toEqual(['spec.scope: Invalid value: "Cluster": field is immutable']);
    expect(texts(customResourceDefinition.validateUpdate?.(definitionOf({ scope: 'Cluster' }), definitionOf({})))).toEqual([]);
  });
});
