import { loadSchema } from '../../api/schema/schema.ts';
import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { definitionType } from './definitionType.ts';
import type { FieldType } from './fieldType.ts';
import { toFieldSet } from './toFieldSet.ts';
import { typeFaults } from './validateTyped.ts';

const schema = loadSchema();

function typeOfSpec(spec: JsonSchema): FieldType {
  return definitionType(schema, { model: '', custom: { definition: 'tests.example.com', schema: { type: 'object', properties: { spec } }, selectablePaths: [], published: '', terminating: false, servesStorage: true } });
}

const text: JsonSchema = { type: 'string' };
const declared: JsonSchema = { type: 'object', properties: { a: text } };

test.each<[string, JsonSchema, unknown, readonly string[]]>([
  ['a field that is not declared', declared, { b: 1 }, ['.spec.b: field not declared in schema']],
  ['any field of what declares none', { type: 'object' }, { b: { c: 1 } }, []],
  ['none where the schema says so', { type: 'object', additionalProperties: false }, { b: 1 }, ['.spec.b: field not declared in schema']],
  ['any field where unknown ones are let be', { ...declared, 'x-kubernetes-preserve-unknown-fields': true }, { b: 1, a: 'x' }, []],
  ['any field within such an object', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { in: { type: 'array', items: declared } } }, { in: [{ b: 1 }] }, []],
  ['declared fields of what has no type', { 'x-kubernetes-preserve-unknown-fields': true, properties: { a: text } }, { b: 1, a: 2 }, ['.spec.a: expected string, got &value.valueUnstructured{Value:2}']],
  ['scalars of what has no type', { 'x-kubernetes-preserve-unknown-fields': true, properties: { a: text } }, 7, []],
  ['an embedded resource', { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: declared } }, { apiVersion: 1, spec: {}, b: 1 }, ['.spec.apiVersion: expected string, got &value.valueUnstructured{Value:1}', '.spec.b: field not declared in schema']],
])('%s', (_name, spec, value, faults) => {
  expect(typeFaults(typeOfSpec(spec), { apiVersion: 'example.com/v1', kind: 'Test', metadata: { name: 'x' }, spec: value })).toEqual(faults);
});

test('what is free is owned field by field, its lists as a whole', () => {
  expect(toFieldSet(typeOfSpec({ type: 'object' }), { spec: { a: { b: 1 }, c: [{ d: 1 }] } })).toEqual({ 'f:spec': { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} } });
});
