import type { V1CustomResourceDefinition, V1CustomResourceDefinitionSpec } from '../../generated/types.ts';
import { approvalOf } from './approval.ts';
import { acceptedStatus } from './conditions.ts';
import { customResourceDefinition } from './customResourceDefinition.ts';

const metadata = { name: 'cranes.example.com', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
const base: V1CustomResourceDefinitionSpec = { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions: [version] };

function definitionOf(more: Partial<V1CustomResourceDefinitionSpec>, status?: V1CustomResourceDefinition['status']): V1CustomResourceDefinition {
  const object: V1CustomResourceDefinition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec: structuredClone({ ...base, ...more }), ...(status ? { status } : {}) };
  customResourceDefinition.setDefaults?.(object);
  if (!status) object.status = { storedVersions: (more.versions ?? base.versions).map(({ name }) => name) };
  return object;
}

const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('custom resource definition', () => {
  it('gets defaults, and remembers the versions that objects may be stored in', () => {
    const object = definitionOf({}, {});
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
    [{ versions: [{ ...version, storage: false }] }, ['spec.versions: Invalid value: [{"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]: must have exactly one version marked as storage version']],
    [{ versions: [{ name: 'v1', served: true, storage: true }] }, ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required']],
    [{ names: { plural: 'cranes', kind: 'Crane', listKind: 'Crane' } }, ['spec.names.listKind: Invalid value: "Crane": kind and listKind may not be the same']],
    [{ versions: [{ ...version, additionalPrinterColumns: [{ name: 'Size', type: 'text', jsonPath: '.spec.size' }] }] }, ['spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string']],
    [{ versions: [{ ...version, subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.spec.x' } } }] }, ['spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status']],
  ])('%j', (spec, messages) => {
    expect(texts(customResourceDefinition.validate?.(definitionOf(spec)))).toEqual(messages);
  });
  it('keeps its scope once it is established', () => {
    const previous = definitionOf({}, { conditions: [{ type: 'Established', status: 'True' }] });
    expect(texts(customResourceDefinition.validateUpdate?.(definitionOf({ scope: 'Cluster' }), previous))).toEqual(['spec.scope: Invalid value: "Cluster": field is immutable']);
    expect(texts(customResourceDefinition.validateUpdate?.(definitionOf({ scope: 'Cluster' }), definitionOf({})))).toEqual([]);
  });
  it('names a part of all versions alike where v1beta1 had it', () => {
    const faulty = { ...version, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { properties: { a: { type: 'text' } } } } } } };
    expect(texts(customResourceDefinition.validate?.(definitionOf({ versions: [faulty] })))).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      'spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ]);
    const versions = [{ ...version, name: 'v2', storage: false }, { ...version, schema: { openAPIV3Schema: { type: 'object', nullable: true } } }];
    expect(texts(customResourceDefinition.validate?.(definitionOf({ versions })))).toEqual(['spec.versions[1].schema.openAPIV3Schema.nullable: Forbidden: nullable cannot be true at the root']);
  });
  it('refuses to forget a version in which objects may be stored', () => {
    const object = definitionOf({}, { storedVersions: ['v1', 'v0'] });
    expect(texts(customResourceDefinition.validate?.(object))).toEqual([
      'status.storedVersions[1]: Invalid value: "v0": missing from spec.versions; v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes v0 from status.storedVersions',
    ]);
  });
  it('demands approval in groups of the community', () => {
    const protectedOne = (annotation?: string): V1CustomResourceDefinition => ({ ...definitionOf({ group: 'x.k8s.io' }), metadata: { ...metadata, ...(annotation === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': annotation } }) } });
    expect(texts(customResourceDefinition.validateCreate?.(protectedOne()))).toEqual([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
    expect(approvalOf(protectedOne('unapproved, a test'))).toEqual({ state: 'Unapproved', reason: 'not approved: "unapproved, a test"' });
    expect(approvalOf(protectedOne('https://example.com/pull/1'))).toEqual({ state: 'Approved', reason: 'approved in https://example.com/pull/1' });
    expect(approvalOf(definitionOf({}))).toBeUndefined();
  });
});

describe('acceptedStatus', () => {
  const now = '2026-01-01T00:00:00Z';
  const conditionsOf = (object: V1CustomResourceDefinition, others: readonly V1CustomResourceDefinition[]): unknown =>
    acceptedStatus(object, others, now).conditions?.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`);

  it('accepts names that are free, and changes nothing the second time', () => {
    const object = definitionOf({});
    expect(conditionsOf(object, [])).toEqual(['NamesAccepted=True NoConflicts: no conflicts found', 'Established=True InitialNamesAccepted: the initial names have been accepted']);
    const accepted = { ...object, status: acceptedStatus(object, [], now) };
    expect(accepted.status.acceptedNames).toEqual({ plural: 'cranes', singular: 'crane', kind: 'Crane', listKind: 'CraneList' });
    expect(acceptedStatus(accepted, [], '2027-01-01T00:00:00Z')).toBe(accepted.status);
  });
  it('says which name is taken, and takes it when it is free', () => {
    const first = definitionOf({ names: { plural: 'cranes', kind: 'Crane', shortNames: ['cr'] } });
    const standing = { ...first, status: acceptedStatus(first, [], now) };
    const second = definitionOf({ names: { plural: 'crabs', kind: 'Crab', shortNames: ['cr'] } });
    expect(conditionsOf(second, [standing])).toEqual(['NamesAccepted=False ShortNamesConflict: "cr" is already in use', 'Established=False NotAccepted: not all names are accepted']);
    const waiting = { ...second, status: acceptedStatus(second, [standing], now) };
    expect(waiting.status.acceptedNames?.shortNames).toBeUndefined();
    expect(conditionsOf(waiting, [])).toEqual(['NamesAccepted=True NoConflicts: no conflicts found', 'Established=True InitialNamesAccepted: the initial names have been accepted']);
    const sameKind = definitionOf({ names: { plural: 'hooks', kind: 'Crane' } });
    expect(conditionsOf(sameKind, [standing])?.toString()).toContain('"CraneList" is already in use');
  });
});
