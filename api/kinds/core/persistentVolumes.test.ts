import type { V1PersistentVolume, V1PersistentVolumeClaim, V1PersistentVolumeClaimSpec, V1PersistentVolumeSpec } from '../../generated/types.ts';
import { persistentVolume } from './persistentVolume.ts';
import { persistentVolumeClaim } from './persistentVolumeClaim.ts';

const metadata = { name: 'data', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const lines = (errors: readonly { readonly field: string; readonly message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('volumes', () => {
  const spec: V1PersistentVolumeSpec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver: 'disk.example.com', volumeHandle: 'h' } };
  const volumeOf = (more: Partial<V1PersistentVolumeSpec> = {}): V1PersistentVolume => {
    const object: V1PersistentVolume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec: structuredClone({ ...spec, ...more }) };
    persistentVolume.setDefaults?.(object);
    return object;
  };
  it.each<[string, Partial<V1PersistentVolumeSpec>, string[]]>([
    ['more than storage', { capacity: { storage: '0', cpu: '1' } }, ['spec.capacity: Unsupported value: {"storage":"0","cpu":"1"}: supported values: "storage"', 'spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    ['a local path of no node', { csi: undefined, local: { path: '/x' } }, ['spec.nodeAffinity: Required value: Local volume requires node affinity']],
    ['a root that is recycled', { csi: undefined, hostPath: { path: '//' }, persistentVolumeReclaimPolicy: 'Recycle' }, ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"]],
    ['a secret of no namespace', { csi: { ...spec.csi!, nodePublishSecretRef: { name: 's' } } }, ['spec.csi.nodePublishSecretRef.namespace: Required value']],
    ['attributes without a driver', { csi: undefined, nfs: { server: 's', path: '/' }, volumeAttributesClassName: 'fast' }, ['spec.csi: Required value: has to be specified when using volumeAttributesClassName']],
  ])('refuses %s', (_, more, messages) => {
    expect(lines(persistentVolume.validate?.(volumeOf(more)))).toEqual(messages);
  });
  it('stay where they are', () => {
    const update = (now: Partial<V1PersistentVolumeSpec>, before: Partial<V1PersistentVolumeSpec> = {}): string[] => lines(persistentVolume.validateUpdate?.(volumeOf(now), volumeOf(before)));
    expect(update({ csi: { ...spec.csi!, volumeHandle: 'i' } })).toEqual([expect.stringMatching(/^spec\.persistentvolumesource: Forbidden: spec\.persistentvolumesource is immutable after creation\n/)]);
    expect(update({ csi: { ...spec.csi!, controllerExpandSecretRef: { name: 's', namespace: 'n' } } })).toEqual([]);
    const inZone = (key: string): Partial<V1PersistentVolumeSpec> => ({ nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] } } });
    expect(update(inZone('topology.kubernetes.io/zone'), inZone('failure-domain.beta.kubernetes.io/zone'))).toEqual([]);
    expect(update(inZone('other'), inZone('zone'))).toEqual([expect.stringMatching(/^nodeAffinity: Invalid value: .*: field is immutable, except for updating from beta label to GA$/)]);
  });
  it('are warned of what no node mounts any more', () => {
    expect(persistentVolume.warnings?.(volumeOf({ csi: undefined, rbd: { monitors: ['a'], image: 'i' } }))).toEqual(['spec.rbd: deprecated in v1.28, non-functional in v1.31+']);
  });
});

describe('claims', () => {
  const spec: V1PersistentVolumeClaimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, storageClassName: 'fast' };
  const claimOf = (more: Partial<V1PersistentVolumeClaimSpec> = {}, phase = 'Bound'): V1PersistentVolumeClaim => {
    const object: V1PersistentVolumeClaim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: structuredClone({ ...spec, ...more }), status: { phase, capacity: { storage: '1Gi' } } };
    persistentVolumeClaim.setDefaults?.(object);
    return object;
  };
  it.each<[string, Partial<V1PersistentVolumeClaimSpec>, string[]]>([
    ['nothing', { resources: { requests: { storage: '0' } } }, ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
    ['a source of no group', { dataSource: { kind: 'Snapshot', name: 's' } }, ["spec.dataSource: Invalid value: \"Snapshot\": must be 'PersistentVolumeClaim' when referencing the default apiGroup"]],
    ['two sources', { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' } }, ['spec: Invalid value: "spec.dataSource": must match dataSourceRef']],
  ])('refuse %s', (_, more, messages) => {
    expect(lines(persistentVolumeClaim.validate?.(claimOf(more)))).toEqual(messages);
  });
  it('grow, and shrink to what there is', () => {
    const update = (now: Partial<V1PersistentVolumeClaimSpec>, before: Partial<V1PersistentVolumeClaimSpec> = {}, phase = 'Bound'): string[] => lines(persistentVolumeClaim.validateUpdate?.(claimOf(now, phase), claimOf(before, phase)));
    const size = (storage: string): Partial<V1PersistentVolumeClaimSpec> => ({ resources: { requests: { storage } } });
    expect(update(size('3Gi'))).toEqual([]);
    expect(update(size('1500Mi'))).toEqual([]);
    expect(update(size('1Gi'))).toEqual(['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity']);
    expect(update(size('3Gi'), {}, 'Pending')).toEqual([expect.stringMatching(/^spec: Forbidden: spec is immutable after creation/)]);
    expect(update({ volumeName: 'v' })).toEqual([]);
    expect(update({ storageClassName: 'slow' }, { storageClassName: undefined })).toEqual([]);
    expect(update({}, { volumeAttributesClassName: 'gold' })).toEqual([expect.stringMatching(/^spec: Forbidden/), 'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden']);
  });
  it('are filled by what either field names', () => {
    const claim = claimOf({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } });
    persistentVolumeClaim.prepareForCreate?.(claim);
    expect(claim.spec?.dataSourceRef).toEqual({ kind: 'PersistentVolumeClaim', name: 'a' });
  });
});
