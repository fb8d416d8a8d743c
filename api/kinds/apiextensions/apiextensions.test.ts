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
    [{ scope: '' }, ['spec.scope: Required value']],
    [{ versions: [{ ...version, storage: false }] }, ['spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version']],
    [{ versions: [{ name: 'v1', served: true, storage: true }] }, ['spec.versions[0].schema.openAPIV3Schema: Required value']],
    [{ names: { plural: 'cranes', kind: 'Crane', listKind: 'Crane' } }, ['spec.names.listKind: Invalid value: "Crane": kind and listKind may not be the same']],
    [{ versions: [{ ...version, additionalPrinterColumns: [{ name: 'Size', type: 'text', jsonPath: '.spec.size' }] }] }, ['spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string']],
    [{ versions: [{ ...version, subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.spec.x' } } }] }, ['spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status']],
  ])('%j', (spec, messages) => {
    expect(texts(customResourceDefinition.validate?.(definitionOf(spec)))).toEqual(messages);
  });
  it('is called after its kind and group', () => {
    const text = 'must be spec.names.plural+"."+spec.group';
    expect(texts(customResourceDefinition.validateCreate?.(definitionOf({ names: { plural: 'hoists', kind: 'Hoist' } })))).toEqual([`metadata.name: Invalid value: "cranes.example.com": ${text}`]);
    const generated = definitionOf({});
    expect(texts(customResourceDefinition.validateCreate?.({ ...generated, metadata: { ...generated.metadata, generateName: 'a-' } }))).toEqual([`metadata.generateName: Invalid value: "a-": ${text}`]);
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
    const protectedOne = (annotation?: string): V1CustomResourceDefinition => ({ ...definitionOf({ group: 'x.k8s.io' }), metadata: { ...metadata, name: 'cranes.x.k8s.io', ...(annotation === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': annotation } }) } });
    expect(texts(customResourceDefinition.validateCreate?.(protectedOne()))).toEqual([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
    expect(approvalOf(protectedOne('unapproved, a test'))).toEqual({ state: 'Unapproved', reason: 'not approved: "unapproved, a test"' });
    expect(approvalOf(protectedOne('https://example.com/pull/1'))).toEqual({ state: 'Approved', reason: 'approved in https://example.com/pull/1' });
    expect(approvalOf(definitionOf({}))).toBeUndefined();
  });
});

describe('what upstream says of a definition', () => {
  const schema = (properties: object, more: object = {}): object => ({ schema: { openAPIV3Schema: { type: 'object', properties, ...more } } });
  const v1 = { name: 'v1', served: true, storage: true };
  const v2 = { name: 'v2', served: true, storage: false };
  const fields = (...paths: string[]): object => ({ selectableFields: paths.map((jsonPath) => ({ jsonPath })) });
  const spec = { spec: { type: 'object', properties: { size: { type: 'integer' }, color: { type: 'string' }, map: { type: 'object', additionalProperties: { type: 'string' } }, list: { type: 'array', items: { type: 'string' } } } } };
  const webhook = (clientConfig: object, conversionReviewVersions = ['v1']): object => ({ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions, clientConfig } } });
  it.each<[name: string, spec: object, errors: unknown[]]>([
    ['short names and categories without letters', { names: { plural: 'cranes', kind: 'Crane', shortNames: [''], categories: [''] } }, [expect.stringContaining('spec.names.shortNames[0]: Invalid value: "": a DNS-1035 label'), expect.stringContaining('spec.names.categories[0]: Invalid value: "": a DNS-1035 label')]],
    ['a column whose path says nothing to it', { versions: [{ ...version, additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec[' }] }] }, []],
    ['parts that are alike', { versions: [{ ...v1, ...schema(spec), ...fields('.spec.size', '.spec.none') }, { ...v2, ...schema(spec), ...fields('.spec.size', '.spec.none') }] }, ['spec.selectableFields[1].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field']],
    ['fields that differ, of one schema', { versions: [{ ...v1, ...schema(spec), ...fields('.spec.size') }, { ...v2, ...schema(spec) }] }, ['spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included']],
    ['fields that are alike, of several schemas', { versions: [{ ...v1, ...schema(spec), ...fields('.spec.none') }, { ...v2, ...schema(spec, { required: ['spec'] }), ...fields('.spec.none') }] }, ['spec.selectableFields: Invalid value: "": may only be set when validations.schema is included']],
    ['one schema, a status in one version', { versions: [{ ...v1, ...schema({}, { anyOf: [{}] }), subresources: { status: {} } }, { ...v2, ...schema({}, { anyOf: [{}] }) }] }, [expect.stringMatching(/^spec\.validation\.openAPIV3Schema: Invalid value: .*XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/)]],
    ['paths of fields', { versions: [{ ...v1, ...schema({ ...spec, metadata: { type: 'object', properties: { name: { type: 'string' } } } }), ...fields('', 'spec.size', '.spec.list[0]', '.spec.', '.spec.list', '.metadata.name', '.spec.map.a', '.spec.map.a') }] }, [
      'spec.selectableFields[0].jsonPath: Required value',
      'spec.selectableFields[1].jsonPath: Invalid value: "spec.size": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec.list[0]": is an invalid path: array notation is not allowed',
      'spec.selectableFields[3].jsonPath: Invalid value: ".spec.": is an invalid path: unexpected end of JSON path',
      'spec.selectableFields[4].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[5].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
      'spec.selectableFields[7].jsonPath: Duplicate value: ".spec.map.a"',
    ]],
    ['a webhook that is not asked', { conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a.b' } } } }, ['webhookClientConfig', 'conversionReviewVersions'].map((name) => `spec.conversion.${name}: Forbidden: should not be set when strategy is not set to Webhook`)],
    ['an empty webhook that is not asked', { conversion: { strategy: 'None', webhook: {} } }, []],
    ['a bundle that is none, before it is established', webhook({ url: 'https://a.b', caBundle: 'Cg==' }), []],
    ['unknown fields kept everywhere', { preserveUnknownFields: true, versions: [{ ...v1, ...schema({ a: { type: 'string', default: 'x' } }) }], ...webhook({ url: 'https://a.b' }) }, [
      'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
      'spec.conversion.strategy: Invalid value: "Webhook": must be None if spec.preserveUnknownFields is true',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ]],
  ])('%s', (_, more, errors) => {
    expect(texts(customResourceDefinition.validate?.(definitionOf(more)))).toEqual(errors);
  });

  it('takes no bundle without certificates for one that had none', () => {
    const before = (bundle: object): V1CustomResourceDefinition => definitionOf(webhook({ url: 'https://a.b', ...bundle }), { conditions: [{ type: 'Established', status: 'True' }] });
    const after = definitionOf(webhook({ url: 'https://a.b', caBundle: 'Cg==' }));
    expect(texts(customResourceDefinition.validateUpdate?.(after, before({})))).toEqual(['spec.conversion.webhookClientConfig.caBundle: Invalid value: "Cg==": unable to load root certificates: unable to parse bytes as PEM block']);
    expect(customResourceDefinition.validateUpdate?.(after, before({ caBundle: 'AAAA' }))).toEqual([]);
    expect(customResourceDefinition.validateUpdate?.(after, definitionOf(webhook({ url: 'https://a.b' })))).toEqual([]);
  });

  it('warns of formats that nobody checks, when they are new', () => {
    const of = (...formats: string[]): V1CustomResourceDefinition => definitionOf({ versions: [{ ...v1, ...schema({ n: { type: 'integer', format: 'int32' }, list: { type: 'array', items: { anyOf: [], type: 'object', additionalProperties: { type: 'string', format: formats[0]! } } }, ...Object.fromEntries(formats.map((format) => [format, { type: 'string', format }])) }) }] });
    expect(customResourceDefinition.warnings?.(of('colour', 'date-time', 'datetime', 'u-u-i-d'))).toEqual(['unrecognized format "colour"']);
    expect(customResourceDefinition.warnings?.(of('colour', 'shade'), of('colour'))).toEqual(['unrecognized format "shade"']);
  });

  it('lets a status be written without versions', () => {
    expect(customResourceDefinition.validateStatusUpdate?.(definitionOf({}, { storedVersions: [] }), definitionOf({}))).toEqual([]);
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
  it('keeps the generations that others have written down', () => {
    const accepted = acceptedStatus(definitionOf({}), [], now);
    const conditions = accepted.conditions?.map((each) => ({ ...each, observedGeneration: 3 }));
    const renamed = { ...definitionOf({ names: { plural: 'cranes', kind: 'Crane', shortNames: ['cr'] } }), status: { ...accepted, observedGeneration: 3, conditions } };
    const status = acceptedStatus(renamed, [], now);
    expect(status).toMatchObject({ observedGeneration: 3, acceptedNames: { shortNames: ['cr'] } });
    expect(status.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual([3, 3]);
  });
  it('says which name is taken, and takes it when it is free', () => {
    const first = definitionOf({ names: { plural: 'cranes', kind: 'Crane', shortNames: ['cr'] } });
    const standing = { ...first, status: acceptedStatus(first, [], now) };
    const second = definitionOf({ names: { plural: 'crabs', kind: 'Crab', shortNames: ['cr'] } });
    expect(conditionsOf(second, [standing])).toEqual(['NamesAccepted=False ShortNamesConflict: "cr" is already in use', 'Established=False NotAccepted: not all names are accepted']);
    const waiting = { ...second, status: acceptedStatus(second, [standing], now) };
    expect(waiting.status.acceptedNames?.shortNames).toBeUndefined();
    expect(conditionsOf(waiting, [])).toEqual(['NamesAccepted=True NoConflicts: no conflicts found', 'Established=True InitialNamesAccepted: the initial names have been accepted']);
    const several = definitionOf({ names: { plural: 'crabs', kind: 'Crab', shortNames: ['cr', 'crane', 'c'] } });
    expect(conditionsOf(several, [standing])).toContain('NamesAccepted=False ShortNamesConflict: ["cr" is already in use, "crane" is already in use]');
    const unsafe = definitionOf({ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a.b', caBundle: 'Cg==' } } } });
    expect(conditionsOf(unsafe, [])).toEqual(['NamesAccepted=True NoConflicts: no conflicts found', 'Established=False InvalidCABundle: The conversion webhook CABundle is invalid']);
    const sameKind = definitionOf({ names: { plural: 'hooks', kind: 'Crane' } });
    expect(conditionsOf(sameKind, [standing])?.toString()).toContain('"CraneList" is already in use');
  });
});
