import type { V1PersistentVolumeClaim, V1PersistentVolumeClaimSpec } from '../../generated/types.ts';
import { forbidden, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { oneOf } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateResourceQuantity } from '../../validation/resources.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { compareQuantities, quantityOrZero } from '../../values/quantity.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { ACCESS_MODES, formatAccessModes } from './persistentVolume.ts';
import { setClaimSpecDefaults } from './pod/volumeDefaults.ts';

const NO_SPEC: V1PersistentVolumeClaimSpec = {};

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
    if (status) status.phase ||= 'Pending';
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
  },
  validate,
  validateUpdate,
  columns: [
    textColumn('Status', 'Its phase.', ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating')),
    textColumn('Volume', 'The volume that it is bound to.', ({ spec }) => spec?.volumeName ?? ''),
    textColumn('Capacity', 'How much it holds.', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '0') : '')),
    textColumn('Access Modes', 'How it may be mounted.', ({ spec, status }) => (spec?.volumeName ? formatAccessModes(status?.accessModes) : '')),
    textColumn('StorageClass', 'Its class.', ({ metadata, spec }) => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    textColumn('VolumeMode', 'Filesystem or block.', ({ spec }) => spec?.volumeMode ?? '<unset>', 1),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
});

function validate({ spec = NO_SPEC }: IncomingObject<V1PersistentVolumeClaim>): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  errors.push(...validateLabelSelector('spec.selector', spec.selector));
  for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, ACCESS_MODES));
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) return [...errors, required('spec.resources[storage]')];
  return [...errors, ...validateResourceQuantity('spec.resources[storage]', 'storage', storage)];
}

/** A claim may grow once it is bound; nothing else of it moves. */
function validateUpdate({ spec = NO_SPEC }: IncomingObject<V1PersistentVolumeClaim>, previous: V1PersistentVolumeClaim): FieldError[] {
  const before = previous.spec ?? NO_SPEC;
  const fixed = (each: V1PersistentVolumeClaimSpec): V1PersistentVolumeClaimSpec => {
    const { volumeName, storageClassName, resources: _, volumeAttributesClassName: __, ...rest } = each;
    // Both are filled in once, by the binder and by admission.
    return { ...rest, ...(before.volumeName ? { volumeName } : {}), ...(before.storageClassName === undefined ? {} : { storageClassName }) };
  };
  if (!semanticEqual(fixed(spec), fixed(before))) {
    return [forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims')];
  }
  const shrinks = compareQuantities(quantityOrZero(spec.resources?.requests?.storage), quantityOrZero(before.resources?.requests?.storage)) < 0;
  return shrinks ? [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')] : [];
}
