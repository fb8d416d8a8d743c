import type { V1PersistentVolumeClaim, V1Pod } from '../../api/generated/types.ts';
import { attributesClassesUsed, claimsOf, protectionStep, usesClaim, withStep } from './protection.ts';

const meta = (name: string, rest: object = {}) => ({ name, namespace: 'n', uid: name, resourceVersion: '1', creationTimestamp: '', ...rest });
const claim = (name: string, rest: object = {}): V1PersistentVolumeClaim => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: meta(name, rest) });
const pod = (volumes: NonNullable<V1Pod['spec']>['volumes'], rest: Partial<V1Pod> = {}): V1Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: meta('p'), spec: { containers: [{ name: 'c' }], nodeName: 'n1', volumes }, ...rest });

test('what lives gets the finalizer, what is to go loses it when nothing uses it', () => {
  expect(protectionStep(claim('c'), 'f', () => false)).toBe('add');
  expect(protectionStep(claim('c', { finalizers: ['f'] }), 'f', () => true)).toBe('none');
  const going = claim('c', { finalizers: ['f', 'g'], deletionTimestamp: 't' });
  expect(protectionStep(going, 'f', () => true)).toBe('none');
  expect(protectionStep(going, 'f', () => false)).toBe('remove');
  expect(protectionStep(claim('c', { deletionTimestamp: 't' }), 'f', () => false)).toBe('none');
  expect(withStep(going, 'f', 'remove').metadata.finalizers).toEqual(['g']);
  expect(withStep(claim('c'), 'f', 'add').metadata.finalizers).toEqual(['f']);
});

test('a pod on a node uses its claims, also those that were made for it', () => {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }, { name: 'scratch', ephemeral: {} }];
  expect(claimsOf(pod(volumes))).toEqual(['data', 'p-scratch']);
  expect(claimsOf(pod(volumes, { spec: { containers: [], volumes } }))).toEqual([]);
  expect(claimsOf(pod(volumes, { metadata: meta('p', { deletionTimestamp: 't' }), status: { containerStatuses: [] } }))).toEqual(['data']);
  expect(usesClaim(pod(volumes), claim('data'))).toBe(true);
  expect(usesClaim(pod(volumes), claim('p-scratch'))).toBe(false);
  expect(usesClaim(pod(volumes), claim('p-scratch', { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p', controller: true }] }))).toBe(true);
});

test('a class of attributes is used by who has it and by who wants it', () => {
  expect(attributesClassesUsed({ ...claim('c'), spec: { volumeAttributesClassName: 'gold' }, status: { currentVolumeAttributesClassName: 'silver' } })).toEqual(['gold', 'silver']);
});
