import { countedFields, within } from './countedFields.ts';

const pods = { group: '', plural: 'pods' };

test('a resize counts for the resources of containers alone', () => {
  const container = { '.': {}, 'f:name': {}, 'f:resources': { '.': {}, 'f:requests': { 'f:cpu': {} } }, 'f:resizePolicy': {} };
  const set = { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': { 'f:nodeName': {}, 'f:containers': { 'k:{"name":"a"}': container, 'k:{"name":"b"}': {} } } };
  expect(within(set, countedFields(pods, 'resize')!)).toEqual({ 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:resources': { '.': {}, 'f:requests': { 'f:cpu': {} } }, 'f:resizePolicy': {} } } } });
  expect(within({ 'f:metadata': {} }, countedFields(pods, 'resize')!)).toEqual({});
});

test('other ways of writing count for all that they change', () => {
  expect([countedFields(pods, ''), countedFields(pods, 'status'), countedFields({ group: 'apps', plural: 'deployments' }, 'resize')]).toEqual([undefined, undefined, undefined]);
});
