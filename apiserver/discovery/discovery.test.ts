import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { Registry } from '../registry.ts';
import { apiResources } from './discovery.ts';

const told = (servesStorage: boolean, terminating: boolean): object | undefined => {
  const definition: ResourceDefinition = { group: 'example.com', version: 'v2', kind: 'Foo', plural: 'foos', singular: 'foo', namespaced: true, model: '', storage: { group: 'example.com', version: 'v1' }, custom: { definition: 'foos.example.com', schema: {}, published: '', servesStorage, terminating } };
  return apiResources(new Registry([definition]).all[0]!)[0];
};

test('the storage version of a definition is told where it is served', () => {
  expect(told(true, false)).toMatchObject({ storageVersionHash: expect.any(String) });
  expect(told(false, false)).not.toHaveProperty('storageVersionHash');
});

test('a definition that is being deleted is told of with fewer verbs, in the order of Kubernetes', () => {
  expect(told(true, false)).toMatchObject({ verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] });
  expect(told(true, true)).toMatchObject({ verbs: ['delete', 'deletecollection', 'get', 'list', 'watch'] });
});
