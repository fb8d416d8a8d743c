import type { V1Pod } from '../../api/generated/types.ts';
import { chosenContainer, splitSchemeNamePort } from './podContainer.ts';

const pod = (containers: readonly string[], init: readonly string[] = []): V1Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'y', namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '' },
  spec: { containers: containers.map((name) => ({ name })), ...(init.length > 0 ? { initContainers: init.map((name) => ({ name })) } : {}) },
});

test('the only container need not be named', () => {
  expect(chosenContainer(pod(['a'], ['i']), '')).toBe('a');
  expect(chosenContainer(pod(['a', 'b'], ['i']), 'i')).toBe('i');
});

test('refusals have the words of Kubernetes', () => {
  expect(() => chosenContainer(pod(['a', 'b']), '')).toThrow('a container name must be specified for pod y, choose one of: [a b]');
  expect(() => chosenContainer(pod(['a', 'b'], ['i']), '')).toThrow('a container name must be specified for pod y, choose one of: [i a b]');
  expect(() => chosenContainer(pod(['a']), 'x')).toThrow('container x is not valid for pod y');
});

test('names of proxied objects', () => {
  expect(splitSchemeNamePort('web')).toEqual({ scheme: '', name: 'web', port: '' });
  expect(splitSchemeNamePort('web:80')).toEqual({ scheme: '', name: 'web', port: '80' });
  expect(splitSchemeNamePort('https:web:')).toEqual({ scheme: 'https', name: 'web', port: '' });
  expect(splitSchemeNamePort('ftp:web:1')).toBeUndefined();
});
