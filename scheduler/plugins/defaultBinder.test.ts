import { makeInfo } from '../testObjects.ts';
import { bindingOf } from './defaultBinder.ts';

test('a binding names the pod with its uid, and the node', () => {
  const info = makeInfo('web');
  expect(bindingOf(info, 'n1')).toEqual({ apiVersion: 'v1', kind: 'Binding', metadata: { namespace: 'default', name: 'web', uid: info.uid }, target: { kind: 'Node', name: 'n1' } });
});
