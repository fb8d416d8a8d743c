import type { V1Secret } from '../../api/generated/types.ts';
import { formatDuration } from './imageManager.ts';
import { defaultPullPolicy, parseImage, withDefaultTag } from './imageReference.ts';
import { credentialsFor } from './pullSecrets.ts';

test.each([
  ['web', { registry: '', path: 'web', tag: undefined, digest: undefined }],
  ['team/web:1', { registry: '', path: 'team/web', tag: '1', digest: undefined }],
  ['localhost:5000/web:1.2-x', { registry: 'localhost:5000', path: 'web', tag: '1.2-x', digest: undefined }],
  ['registry.example/team/web', { registry: 'registry.example', path: 'team/web', tag: undefined, digest: undefined }],
  [`web@sha256:${'a'.repeat(64)}`, { registry: '', path: 'web', tag: undefined, digest: `sha256:${'a'.repeat(64)}` }],
])('reads %s', (image, expected) => expect(parseImage(image)).toEqual(expected));

test.each(['', 'Not A Name', 'UPPER', 'web:', ':1', 'a//b', 'a'.repeat(0), 'f'.repeat(64)])('refuses %j', (image) => expect(parseImage(image)).toBeUndefined());

test('the tag and the policy default as in Kubernetes', () => {
  expect([withDefaultTag('web'), withDefaultTag('web:1'), withDefaultTag('BAD')]).toEqual(['web:latest', 'web:1', undefined]);
  expect(['web', 'web:latest', 'web:1', `web@sha256:${'a'.repeat(64)}`].map(defaultPullPolicy)).toEqual(['Always', 'Always', 'IfNotPresent', 'IfNotPresent']);
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const secret = (type: string, key: string, value: unknown): V1Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' }, type: `kubernetes.io/${type}`, data: { [key]: base64(value) } });

test('the credentials that fit best come first', () => {
  const modern = secret('dockerconfigjson', '.dockerconfigjson', {
    auths: { 'https://reg.example:5000/v1/': { username: 'all', password: '1' }, 'reg.example:5000/team': { auth: Buffer.from('team:a:b').toString('base64') }, '*.example': { username: 'star', password: '3' } },
  });
  const legacy = secret('dockercfg', '.dockercfg', { 'hub.example': { username: 'old', password: '4' } });
  const users = (image: string): string[] => credentialsFor(image, [modern, legacy], 'hub.example').map(({ username, password }) => `${username}:${password}`);
  expect(users('reg.example:5000/team/web')).toEqual(['team:a:b', 'all:1']);
  expect(users('reg.example:5000/web')).toEqual(['all:1']);
  expect(users('web')).toEqual(['star:3', 'old:4']);
  expect(users('elsewhere.test/web')).toEqual([]);
});

test.each([[0, '0ms'], [950, '950ms'], [1500, '1.5s'], [61_001, '1m1.001s']])('%i ms are written %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
