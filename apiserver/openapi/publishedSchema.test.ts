import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { Registry } from '../registry.ts';
import { customSchemas } from './customSchemas.ts';
import { publishedSchema } from './publishedSchema.ts';

const TEXT: JsonSchema = { type: 'string' };
const EITHER: JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];
const OPEN: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const PERCENT: JsonSchema = { 'x-kubernetes-int-or-string': true };
const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true };

describe('a schema is published', () => {
  it.each<[name: string, schema: object, v2: object, v3: object | undefined]>([
    ['without what is not so', { type: 'string', format: 'date', example: 'x', uniqueItems: false, nullable: false, minLength: 0 }, { type: 'string', format: 'date', example: 'x', minLength: 0 }, { type: 'string', format: 'date', example: 'x', minLength: 0 }],
    ['with defaults in v3', { type: 'boolean', default: false, example: false }, { type: 'boolean', example: false }, { type: 'boolean', default: false, example: false }],
    ['with rules', { type: 'string', 'x-kubernetes-validations': [{ rule: 'true' }] }, { type: 'string', 'x-kubernetes-validations': [{ rule: 'true' }] }, undefined],
    ['without alternatives', { type: 'string', anyOf: [{ minLength: 1 }], allOf: [{ minLength: 1 }], oneOf: [{ minLength: 1 }], not: { minLength: 9 } }, { type: 'string' }, undefined],
    ['where it may be null', { type: 'object', nullable: true, properties: { a: TEXT } }, {}, undefined],
    ['where its fields may be null', { type: 'object', properties: { a: { type: 'string', nullable: true }, b: TEXT }, required: ['a', 'b'] }, { type: 'object', properties: { a: {}, b: { type: 'string' } }, required: ['b'] }, undefined],
    ['where its values may be null', { type: 'object', required: ['a'], additionalProperties: { type: 'string', nullable: true } }, { type: 'object', additionalProperties: {} }, undefined],
    ['where anything goes', { type: 'object', additionalProperties: true }, { type: 'object', additionalProperties: true }, { type: 'object', additionalProperties: true }],
    ['with unknown fields', { ...OPEN, type: 'object', properties: { a: TEXT } }, OPEN, { ...OPEN, type: 'object', properties: { a: TEXT } }],
    ['with unknown fields in a list', { ...OPEN, type: 'array', items: TEXT }, OPEN, undefined],
    ['as an integer or a text', PERCENT, PERCENT, { ...PERCENT, anyOf: EITHER }],
    ['as an integer or a text, said', { ...PERCENT, anyOf: EITHER, allOf: [{ minimum: 4 }] }, PERCENT, { ...PERCENT, anyOf: EITHER, allOf: [{ minimum: 4 }] }],
    ['as an integer or a text, said in allOf', { ...PERCENT, allOf: [{ anyOf: EITHER }] }, PERCENT, { ...PERCENT, allOf: [{ anyOf: EITHER }] }],
    ['as an integer or a text, and more', { ...PERCENT, anyOf: [{ minimum: 4 }], allOf: [{ minimum: 4 }] }, PERCENT, { ...PERCENT, anyOf: [{ minimum: 4 }], allOf: [{ anyOf: EITHER }, { minimum: 4 }] }],
    ['with an object that has unknown fields', { ...embedded, ...OPEN }, { 'x-kubernetes-embedded-resource': true, ...OPEN }, undefined],
  ])('%s', (_, schema, v2, v3) => {
    expect(publishedSchema(schema as JsonSchema, 'v2')).toEqual(v2);
    expect(v3 && publishedSchema(schema as JsonSchema, 'v3')).toEqual(v3);
  });

  it('with the metadata of objects within it', () => {
    const published = publishedSchema({ ...embedded, properties: { spec: { type: 'object' } }, required: ['spec', 'kind'] }, 'v3');
    expect(published).toMatchObject({ type: 'object', required: ['spec', 'kind', 'apiVersion'], properties: { kind: { type: 'string' }, metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] } } });
    expect(Object.keys(published.properties ?? {})).toEqual(['spec', 'apiVersion', 'kind', 'metadata']);
  });
});

describe('a kind is published', () => {
  const published = (schema: JsonSchema, dialect: 'v2' | 'v3'): object => {
    const definition: ResourceDefinition = { group: 'bar.example.com', version: 'v1', kind: 'Foo', plural: 'foos', singular: 'foo', listKind: 'Foos', namespaced: true, model: '', custom: { definition: 'foos.bar.example.com', schema, selectablePaths: ['.spec.color'], published: '', terminating: false, servesStorage: true } };
    return Object.fromEntries(customSchemas(new Registry([definition]).all[0]!, dialect));
  };
  const said = { 'x-kubernetes-group-version-kind': [{ group: 'bar.example.com', version: 'v1', kind: 'Foo' }], 'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }] };

  it('with what all kinds have, but where v2 must not name fields', () => {
    expect(published({ type: 'object', ...OPEN }, 'v2')).toMatchObject({ 'com.example.bar.v1.Foo': { type: 'object', ...said }, 'com.example.bar.v1.Foos': { description: 'Foos is a list of Foo', 'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }] } });
    expect(Object.keys((published({ type: 'object', ...OPEN }, 'v2') as Record<string, object>)['com.example.bar.v1.Foo']!).sort()).toEqual(['type', ...Object.keys(said)]);
    expect(published({ type: 'object', ...OPEN }, 'v3')).toMatchObject({ 'com.example.bar.v1.Foo': { type: 'object', ...OPEN, ...said, properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: {} } } });
    expect(published({ type: 'object' }, 'v2')).toMatchObject({ 'com.example.bar.v1.Foo': { type: 'object', ...said, properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } } } });
  });
});
