import type { V1CustomResourceDefinition, V1CustomResourceDefinitionVersion } from '../generated/types.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { customDefinitions } from './customDefinitions.ts';
import { compileJsonPath } from './jsonPath.ts';

const version: V1CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 9 }, color: { type: 'string', default: 'red' } } } } } },
  subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
  additionalPrinterColumns: [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1 },
    { name: 'Born', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: [{ jsonPath: '.spec.color' }],
};
const crd = (versions = [version], established = 'True'): V1CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'cranes.example.com', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'cranes', kind: 'Crane' }, versions },
  status: { acceptedNames: { plural: 'cranes', singular: 'crane', kind: 'Crane', listKind: 'CraneList', shortNames: ['cr'] }, conditions: [{ type: 'Established', status: established }] },
});
const none = (): never => {
  throw new Error('nothing is converted');
};
const [definition] = customDefinitions(crd(), none);
const object = (spec: object, status?: object): IncomingObject => ({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'a', uid: 'x', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }, spec, ...(status ? { status } : {}) }) as IncomingObject;

it('is served from its acceptance on, in each served version', () => {
  expect(customDefinitions(crd([version], 'False'), none)).toEqual([]);
  const several = customDefinitions(crd([version, { ...version, name: 'v2', storage: false }, { ...version, name: 'v0', storage: false, served: false }]), none);
  expect(several.map((each) => [each.version, each.storage?.version, each.custom?.servesStorage])).toEqual([['v1', 'v1', true], ['v2', 'v1', true]]);
  expect(customDefinitions(crd([{ ...version, served: false }, { ...version, name: 'v2', storage: false }]), none).map((each) => each.custom?.servesStorage)).toEqual([false]);
  expect(definition).toMatchObject({ plural: 'cranes', singular: 'crane', listKind: 'CraneList', shortNames: ['cr'], namespaced: true, hasStatus: true, hasGeneration: true });
});

it('takes nothing new while it is being deleted', () => {
  const ending = crd();
  ending.metadata.deletionTimestamp = '2026-01-02T00:00:00Z';
  expect(customDefinitions(ending, none)[0]?.verbs).not.toContain('create');
});

it('warns of a deprecated version, and names the one to use', () => {
  const [old] = customDefinitions(crd([{ ...version, deprecated: true }, { ...version, name: 'v2', storage: false }]), none);
  expect(old?.deprecation).toBe('example.com/v1 Crane is deprecated; use example.com/v2 Crane');
});

it('has the columns, the fields to select by and the rules of its definition', () => {
  const shown = object({ size: 3, color: 'blue' }, { conditions: [{ type: 'Ready', status: 'True' }] });
  const now = Date.parse('2026-01-01T00:05:00Z');
  expect(definition?.columns?.map(({ name, priority, value }) => [name, priority, value(shown as never, now)])).toEqual([['Name', 0, 'a'], ['Size', 0, 3], ['Ready', 1, 'True'], ['Born', 0, '5m']]);
  expect(definition?.selectableFields?.(shown as never)).toEqual({ 'spec.color': 'blue' });
  const bare = object({ size: 1 });
  definition?.setDefaults?.(bare);
  expect(bare).toMatchObject({ spec: { size: 1, color: 'red' } });
  expect(definition?.validateCreate?.(object({ size: -1 })).map(({ field, message }) => `${field}: ${message}`)).toEqual(['.spec.size: Invalid value: -1: should be a non-negative integer']);
  expect(definition?.validateCreate?.({ ...object({}), kind: 'Crab' })).toMatchObject([{ field: 'kind', message: 'Invalid value: "Crab": must be Crane' }]);
  expect(definition?.validateUpdate?.(object({ size: 12, color: 'blue' }), object({ size: 12 }) as never)).toEqual([]);
});

it('shows what a column can, and no column behind one that cannot be read', () => {
  const columns = [['text', 'string'], ['number', 'number'], ['whole', 'integer'], ['flag', 'boolean'], ['time', 'date']].map(([name, type]) => ({ name: name!, type: type!, jsonPath: `.spec.${name}` }));
  const [shown] = customDefinitions(crd([{ ...version, additionalPrinterColumns: [...columns, { name: 'bad', type: 'string', jsonPath: '.spec[' }, { name: 'more', type: 'string', jsonPath: '.spec' }] }]), none);
  const now = Date.parse('2026-01-01T12:30:00Z');
  const cells = (spec: object): unknown[] => shown!.columns!.slice(1).map(({ value }) => value(object(spec) as never, now));
  expect(cells({ text: 'a', number: 3.14, whole: 3.14, flag: true, time: '2026-01-01T00:00:00Z' })).toEqual(['a', 3.14, 3, true, '12h']);
  expect(cells({ text: 1.5, number: 42, whole: 'a', flag: 'a', time: '2026-01-02T01:00:00Z' })).toEqual(['1.5', 42, null, null, '<invalid>']);
  expect(cells({ text: ['a', { b: 1 }], number: true, whole: true, flag: 42, time: '' })).toEqual(['["a",{"b":1}]', null, null, null, '<unknown>']);
  expect(cells({ text: null, number: null, time: 'soon' })).toEqual(['<no value>', null, null, null, '<invalid>']);
});

it('looks at nothing but the status when that is written', () => {
  const properties = { spec: { type: 'object', maxProperties: 0, additionalProperties: { type: 'string' } }, status: { type: 'object', properties: { phase: { type: 'string', enum: ['Up'] }, more: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } } } };
  const [own] = customDefinitions(crd([{ ...version, schema: { openAPIV3Schema: { type: 'object', required: ['other'], properties } } }]), none);
  const before = object({ a: 'x' }, { phase: 'Down' });
  expect(own?.validateStatusUpdate?.(object({ a: 'y' }, { phase: 'Up', more: {} }), before as never)).toEqual([]);
  expect(own?.validateStatusUpdate?.(object({}, { phase: 'Left' }), before as never)).toMatchObject([{ field: 'status.phase', message: 'Unsupported value: "Left": supported values: "Up"' }]);
  expect(own?.validateStatusUpdate?.(object({}, { phase: 1 }), before as never)[0]).toMatchObject({ field: 'status.phase', message: 'Invalid value: "integer": phase in body must be of type string: "integer"' });
  expect(own?.validateStatusUpdate?.(object({}, { phase: 'Down', other: 1 }), before as never)).toEqual([]);
  expect(own?.validateStatusUpdate?.(object({}), before as never)).toEqual([]);
});

it.each<[string, unknown[]]>([
  ['.a.b', [1]],
  ['.list[0].n', ['x']],
  ['.list[-1].n', ['y']],
  ['.list[*].n', ['x', 'y']],
  ['.list[?(@.v>1)].n', ['y']],
  ["['a']['b']", [1]],
  ['.dotted\\.name', [2]],
  ['..n', ['x', 'y']],
  ['.absent.more', []],
  ['.list[0:1].n', ['x']],
])('the path %s', (path, found) => {
  expect(compileJsonPath(path)({ a: { b: 1 }, 'dotted.name': 2, list: [{ n: 'x', v: 1 }, { n: 'y', v: 2 }] })).toEqual(found);
});

it('warns of finalizers that name no domain, of those that a write adds', () => {
  const with_ = (...finalizers: string[]): IncomingObject => {
    const made = object({ size: 1 });
    return { ...made, metadata: { ...made.metadata, finalizers } };
  };
  const warned = definition?.warnings?.(with_('b', 'example.com/own', 'a', 'foregroundDeletion'));
  expect(warned).toEqual(['a', 'b'].map((name) => `metadata.finalizers: "${name}": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`));
  expect(definition?.warnings?.(with_('a', 'b'), with_('a', 'b') as never)).toEqual([]);
});
