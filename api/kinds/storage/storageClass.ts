import type { V1StorageClass } from '../../generated/types.ts';
import { forbidden, required } from '../../fieldError.ts';
import { oneOf, strictlyImmutable } from '../../validation/fields.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ANNOTATION_DEFAULT_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const storageClass = defineKind<V1StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  model: 'V1StorageClass',
  setDefaults(object) {
    object.reclaimPolicy ||= 'Delete';
    object.volumeBindingMode ||= 'Immediate';
  },
  validate: (object) => [
    ...(object.provisioner ? [] : [required('provisioner', object.provisioner)]),
    ...oneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ],
  validateUpdate: (object, previous) => [
    ...(semanticEqual(object.parameters, previous.parameters) ? [] : [forbidden('parameters', 'updates to parameters are forbidden.')]),
    ...(object.provisioner === previous.provisioner ? [] : [forbidden('provisioner', 'updates to provisioner are forbidden.')]),
    ...(object.reclaimPolicy === previous.reclaimPolicy ? [] : [forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
    ...strictlyImmutable('volumeBindingMode', object.volumeBindingMode, previous.volumeBindingMode),
  ],
  columns: [
    { ...textColumn('Name', 'Name must be unique; the default class is marked.', ({ metadata }) => `${metadata.name}${metadata.annotations?.[ANNOTATION_DEFAULT_STORAGE_CLASS] === 'true' ? ' (default)' : ''}`), format: 'name' },
    textColumn('Provisioner', 'What makes its volumes.', ({ provisioner }) => provisioner),
    textColumn('ReclaimPolicy', 'What becomes of its volumes.', ({ reclaimPolicy }) => reclaimPolicy ?? ''),
    textColumn('VolumeBindingMode', 'When its volumes are made.', ({ volumeBindingMode }) => volumeBindingMode ?? ''),
    { name: 'AllowVolumeExpansion', type: 'boolean', description: 'Whether its volumes may grow.', priority: 0, value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    ageColumn,
  ],
});
