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
    textColumn('Capacity', 'How much it holds.', ({ spec }) => spec?.capacity?.storage ?? '0'),
    textColumn('Access Modes', 'How it may be mounted.', ({ spec }) => formatAccessModes(spec?.accessModes)),
    textColumn('Reclaim Policy', 'What becomes of it when it is released.', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    textColumn('Status', 'Its phase.', ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating')),
    textColumn('Claim', 'The claim that it is bound to.', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '')),
    textColumn('StorageClass', 'Its class.', ({ metadata, spec }) => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    textColumn('Reason', 'Why it is in its phase.', ({ status }) => status?.reason ?? ''),
    ageColumn,
    textColumn('VolumeMode', 'Filesystem or block.', ({ spec }) => spec?.volumeMode ?? '<unset>', 1),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
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
