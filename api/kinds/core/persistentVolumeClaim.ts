import type { V1PersistentVolumeClaim, V1PersistentVolumeClaimSpec } from '../../generated/types.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { claimSpecWarnings, storageClassWarnings } from './claimWarnings.ts';
import { formatAccessModes } from './persistentVolume.ts';
import { setClaimSpecDefaults } from './pod/volumeDefaults.ts';
import { validateClaimSpec } from './validateClaimSpec.ts';
import { validateClaimStatus, validateClaimUpdate } from './validateClaimUpdate.ts';

export const persistentVolumeClaim = defineKind<V1PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  model: 'V1PersistentVolumeClaim',
  hasStatus: true,
  setDefaults({ spec, status }) {
    if (spec) setClaimSpecDefaults(spec);
    if (!status) return;
    status.phase ||= 'Pending';
    canonicalizeResources(status.capacity);
    canonicalizeResources(status.allocatedResources);
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
    if (object.spec) joinDataSources(object.spec);
  },
  validate: ({ spec }) => validateClaimSpec('spec', spec ?? {}),
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  warnings: ({ metadata, spec }) => [...storageClassWarnings(metadata.annotations), ...claimSpecWarnings('spec', spec ?? {})],
  columns: [
    textColumn('Status', { of: 'V1PersistentVolumeClaimStatus.phase' }, ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating')),
    textColumn('Volume', { of: 'V1PersistentVolumeClaimSpec.volumeName' }, ({ spec }) => spec?.volumeName ?? ''),
    textColumn('Capacity', { of: 'V1PersistentVolumeClaimStatus.capacity' }, ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '0') : '')),
    textColumn('Access Modes', { of: 'V1PersistentVolumeClaimStatus.accessModes' }, ({ spec, status }) => (spec?.volumeName ? formatAccessModes(status?.accessModes) : '')),
    textColumn('StorageClass', 'StorageClass of the pvc', ({ metadata, spec }) => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'VolumeAttributesClass of the pvc', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    textColumn('VolumeMode', { of: 'V1PersistentVolumeClaimSpec.volumeMode' }, ({ spec }) => spec?.volumeMode ?? '<unset>', 1),
  ],
});

/** Both fields name what a new claim is filled with; where one is given, the other says the same (`NormalizeDataSources`). In place. */
function joinDataSources(spec: V1PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (!dataSource && dataSourceRef && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}
