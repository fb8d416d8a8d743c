import type { V1VolumeAttachment } from '../../generated/types.ts';
import { strictlyImmutable } from '../../validation/fields.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { validateVolumeAttachment, validateVolumeAttachmentStatus } from './validateStorage.ts';

export const volumeAttachment = defineKind<V1VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  model: 'V1VolumeAttachment',
  hasStatus: true,
  unconditionalUpdate: false,
  validate: validateVolumeAttachment,
  validateStatusUpdate: validateVolumeAttachmentStatus,
  validateUpdate: ({ spec }, previous) => strictlyImmutable('spec', spec, previous.spec),
  columns: [
    textColumn('Attacher', 'The driver that attaches.', ({ spec }) => spec?.attacher ?? ''),
    textColumn('PV', 'The volume.', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    textColumn('Node', 'The node.', ({ spec }) => spec?.nodeName ?? ''),
    { name: 'Attached', type: 'boolean', description: 'Whether it is attached.', priority: 0, value: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
});
