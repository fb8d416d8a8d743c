import { policyEnvironment, policyProgram } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { mutationTypes } from '../../../api/kinds/admissionregistration/mutationTypes.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { modelType } from '../../fieldManagement/schemaTypes.ts';
import { applyConfigured, jsonPatched } from './mutate.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i', args: ['x'] }] } };

function valueOf(expression: string): CelValue {
  const program = policyProgram(expression, policyEnvironment({ hasAuthorizer: false, constructs: mutationTypes }), []);
  if (!program.ok) throw new Error(program.fault);
  const outcome = program.program.evaluate({}, { remaining: 1_000_000 });
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
}

const applied = (expression: string): unknown => applyConfigured(modelType(loadSchema(), 'V1Pod'), pod, valueOf(expression));

it('a configuration is merged by the keys of lists', () => {
  expect(applied("Object{metadata: Object.metadata{labels: {'c': 'd'}}, spec: Object.spec{hostNetwork: true, containers: [Object.spec.containers{name: 'c', image: 'j'}]}}")).toEqual({
    ...pod,
    metadata: { name: 'p', labels: { a: 'b', c: 'd' } },
    spec: { hostNetwork: true, containers: [{ name: 'c', image: 'j', args: ['x'] }] },
  });
  expect(pod.spec.containers[0]!.image).toBe('i');
});

it.each([
  ["Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['y']}]}}", 'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args'],
  ['Object{spec: Object.spec{nothing: 1}}', 'error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema'],
  ['Object{spec: Object.metadata{}}', 'type mismatch: unexpected type name "Object.metadata", expected "Object.spec", which matches field name path from root Object type'],
  ['Object{metadata: Object.metadata{labels: {1: "x"}}}', 'map key 1 is of type int, not string'],
])('%s is refused', (expression, message) => {
  expect(() => applied(expression)).toThrow(message);
});

it('operations are applied in their order; a test that fails leaves the object as it is', () => {
  const patched = (text: string): unknown => jsonPatched(pod, valueOf(text));
  expect(patched("[JSONPatch{op: 'add', path: '/spec/tolerations', value: [Object.spec.tolerations{key: 'k'}]}, JSONPatch{op: 'copy', from: '/metadata/name', path: '/metadata/labels/' + jsonpatch.escapeKey('x/~y')}, JSONPatch{op: 'remove', path: '/metadata/labels/a'}]")).toEqual({ ...pod, metadata: { name: 'p', labels: { 'x/~y': 'p' } }, spec: { ...pod.spec, tolerations: [{ key: 'k' }] } });
  expect(patched("[JSONPatch{op: 'remove', path: '/spec'}, JSONPatch{op: 'test', path: '/metadata/name', value: 'q'}]")).toBe(pod);
  expect(() => patched("[JSONPatch{op: 'remove', path: '/nothing'}]")).toThrow('JSON Patch: ');
});
