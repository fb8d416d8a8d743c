import type { V1AppArmorProfile, V1PodSpec } from '../../../generated/types.ts';
import { syncAppArmor } from './syncAppArmor.ts';

const KEY = 'container.apparmor.security.beta.kubernetes.io/c';
const WARNING = `metadata.annotations[${KEY}]: deprecated since v1.30; use the "appArmorProfile" field instead`;

function synced(annotation: string, spec: Partial<V1PodSpec> = {}, ofContainer?: V1AppArmorProfile): { profile: V1AppArmorProfile | undefined; warnings: string[] } {
  const full: V1PodSpec = { containers: [{ name: 'c', ...(ofContainer ? { securityContext: { appArmorProfile: ofContainer } } : {}) }], ...spec };
  const warnings: string[] = [];
  syncAppArmor(full, { [KEY]: annotation }, (text) => warnings.push(text));
  return { profile: full.containers[0]!.securityContext?.appArmorProfile, warnings };
}

test.each<[string, V1AppArmorProfile | undefined]>([
  ['unconfined', { type: 'Unconfined' }],
  ['runtime/default', { type: 'RuntimeDefault' }],
  ['localhost/foo', { type: 'Localhost', localhostProfile: 'foo' }],
  ['localhost/', undefined],
  ['localhost/ foo', undefined],
  ['', undefined],
  ['bogus', undefined],
])('%p', (annotation, profile) => {
  expect(synced(annotation)).toEqual({ profile, warnings: [WARNING] });
});

test('a field of the container, the same profile of the pod and another system leave it as it is', () => {
  expect(synced('unconfined', {}, { type: 'RuntimeDefault' })).toEqual({ profile: { type: 'RuntimeDefault' }, warnings: [] });
  expect(synced('unconfined', { securityContext: { appArmorProfile: { type: 'Unconfined' } } })).toEqual({ profile: undefined, warnings: [] });
  expect(synced('unconfined', { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } })).toEqual({ profile: { type: 'Unconfined' }, warnings: [WARNING] });
  expect(synced('unconfined', { os: { name: 'windows' } })).toEqual({ profile: undefined, warnings: [] });
});
