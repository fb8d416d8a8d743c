import type { V1PersistentVolume, V1PersistentVolumeSpec } from '../../generated/types.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateVolumeSpec, validateVolumeUpdate } from './validatePersistentVolume.ts';
import { volumeWarnings } from './volumeWarnings.ts';

const SHORT_MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** `RWO,RWX`, in a fixed order. */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Object.keys(SHORT_MODES).filter((mode) => modes?.includes(mode)).map((mode) => SHORT_MODES[mode]).join(',');
}

export const persistentVolume = defineKind<V1PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  model: 'V1PersistentVolume',
  hasStatus: true,
  setDefaults({ spec, status }) {
    if (spec) {
      spec.persistentVolumeReclaimPolicy ||= 'Retain';
      spec.volumeMode ||= 'Filesystem';
      canonicalizeResources(spec.capacity);
      setVolumeSourceDefaults(spec);
    }
    if (status) status.phase ||= 'Pending';
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
  },
  validate: ({ metadata, spec }) => validateVolumeSpec('spec', spec ?? {}, { name: metadata.name ?? '', isInline: false }),
  validateUpdate: validateVolumeUpdate,
  warnings: volumeWarnings,
  columns: [
    textColumn('Capacity', { of: 'V1PersistentVolumeSpec.capacity' }, ({ spec }) => spec?.capacity?.storage ?? '0'),
    textColumn('Access Modes', { of: 'V1PersistentVolumeSpec.accessModes' }, ({ spec }) => formatAccessModes(spec?.accessModes)),
    textColumn('Reclaim Policy', { of: 'V1PersistentVolumeSpec.persistentVolumeReclaimPolicy' }, ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    textColumn('Status', { of: 'V1PersistentVolumeStatus.phase' }, ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating')),
    textColumn('Claim', 'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '')),
    textColumn('StorageClass', 'StorageClass of the pv', ({ metadata, spec }) => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'VolumeAttributesClass of the pv', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    textColumn('Reason', { of: 'V1PersistentVolumeStatus.reason' }, ({ status }) => status?.reason ?? ''),
    ageColumn,
    textColumn('VolumeMode', { of: 'V1PersistentVolumeSpec.volumeMode' }, ({ spec }) => spec?.volumeMode ?? '<unset>', 1),
  ],
});

function setVolumeSourceDefaults(spec: V1PersistentVolumeSpec): void {
  const { hostPath, rbd, iscsi, azureDisk, scaleIO } = spec;
  if (hostPath) hostPath.type ??= '';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
