import type { JsonSchema } from '../../api/customResources/jsonSchema.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { definitionType } from './definitionType.ts';
import { typeFaults } from './validateTyped.ts';

const schema = loadSchema();
const OPEN: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const faultsOf = (properties: Record<string, JsonSchema>, value: object, more: JsonSchema = {}): readonly string[] =>
  typeFaults(definitionType(schema, { model: '', custom: { definition: '', schema: { type: 'object', properties, ...more }, published: '', terminating: false, servesStorage: true } }), value);

const part: JsonSchema = { type: 'object', properties: { known: { type: 'object', properties: { a: { type: 'string' } } } } };
const value = { part: { known: { a: 'x', b: 1 } } };

test('a field that the schema does not have is a fault', () => {
  expect(faultsOf({ part }, value)).toEqual(['.part.known.b: field not declared in schema']);
});

test('what preserves unknown fields does so in all that is below it', () => {
  expect(faultsOf({ part: { ...part, ...OPEN } }, value)).toEqual([]);
  expect(faultsOf({ part }, value, OPEN)).toEqual([]);
  expect(faultsOf({ part: { type: 'array', items: part, ...OPEN } }, { part: [value.part] })).toEqual([]);
  expect(faultsOf({ part: { ...part, ...OPEN } }, { part: { known: { a: 1 } } })).toHaveLength(1);
});

test('an object of which nothing is said may hold anything', () => {
  expect(faultsOf({ part: { type: 'object' } }, value)).toEqual([]);
  expect(faultsOf({ part: { type: 'object', 'x-kubernetes-embedded-resource': true } }, { part: { kind: 'A', b: 1 } })).toEqual(['.part.b: field not declared in schema']);
});

test('what has no type has its fields all the same', () => {
  expect(faultsOf({ part: { ...OPEN, properties: { a: { type: 'string' } } } }, { part: { a: 1, b: 2 } })).toHaveLength(1);
  expect(faultsOf({ part: { ...OPEN, properties: { a: { type: 'string' } } } }, { part: 1 })).toEqual([]);
});
