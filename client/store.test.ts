import type { V1ConfigMap } from '../api/generated/types.ts';
import { Store } from './store.ts';

const configMap = (name: string, kind?: string): V1ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name, uid: name, resourceVersion: '1', creationTimestamp: '', ...(kind ? { labels: { kind } } : {}) },
});

test('indexes follow what is set, changed and deleted', () => {
  const store = new Store<V1ConfigMap>();
  store.set(configMap('a', 'x'));
  store.addIndex('kind', ({ metadata }) => (metadata.labels?.['kind'] ? [metadata.labels['kind']] : []));
  store.set(configMap('b', 'x'));
  const names = (value: string): string[] => store.byIndex('kind', value).map(({ metadata }) => metadata.name);
  expect(names('x')).toEqual(['a', 'b']);
  store.set(configMap('a', 'y'));
  expect([names('x'), names('y')]).toEqual([['b'], ['a']]);
  store.delete('default/b');
  store.set(configMap('a'));
  expect([names('x'), names('y'), store.list().length]).toEqual([[], [], 1]);
  expect(() => store.byIndex('other', 'x')).toThrow('there is no index "other"');
});
