import { loadSchema } from '../../api/schema/schema.ts';
import { compareObjects } from './compareObjects.ts';
import { modelType } from './schemaTypes.ts';
import { toFieldSet } from './toFieldSet.ts';

const schema = loadSchema();

test.each([
  ['V1PersistentVolume', { spec: { claimRef: { kind: 'PersistentVolumeClaim', name: 'a' } } }, { 'f:spec': { 'f:claimRef': { 'f:kind': {}, 'f:name': {} } } }],
  ['V1Endpoints', { subsets: [{ addresses: [] }] }, { 'f:subsets': {} }],
  ['V1ControllerRevision', { data: { spec: { a: 1 } }, revision: 1 }, { 'f:data': {}, 'f:revision': {} }],
  ['V1Deployment', { spec: { selector: { matchLabels: { a: 'b' } } } }, { 'f:spec': { 'f:selector': {} } }],
])('an apply of a %s owns %j', (model, object, set) => {
  expect(toFieldSet(modelType(schema, model), object)).toEqual(set);
});

test('an empty list that somebody sends is another value than a list that nobody has set', () => {
  const type = modelType(schema, 'V1ClusterRole');
  expect(compareObjects(type, {}, { rules: [] })).toMatchObject({ added: {}, modified: { 'f:rules': {} }, removed: {} });
  expect(compareObjects(type, { rules: [] }, {})).toMatchObject({ added: {}, modified: {}, removed: {} });
  expect(compareObjects(type, { rules: [] }, { rules: [] })).toMatchObject({ added: {}, modified: {}, removed: {} });
});

test('a new item comes with the times that are printed as null', () => {
  const type = modelType(schema, 'V1Pod');
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const item = { '.': {}, 'f:lastProbeTime': {}, 'f:lastTransitionTime': {}, 'f:status': {}, 'f:type': {} };
  expect(compareObjects(type, {}, ready)).toMatchObject({ added: { 'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Ready"}': item } } } });
  const stored = { status: { conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }] } };
  expect(compareObjects(type, stored, ready)).toMatchObject({ added: {}, modified: {}, removed: {} });
});
