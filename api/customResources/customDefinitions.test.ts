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
  expect(several.map((each) => [each.version, each.storage?.version])).toEqual([['v1', 'v1'], ['v2', 'v1']]);
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
