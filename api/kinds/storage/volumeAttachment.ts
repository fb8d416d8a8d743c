import type { V1VolumeAttachment } from '../../generated/types.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { immutableForm } from '../internalForm.ts';
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
  statusKeepsMetadata: 'all',
  unconditionalUpdate: false,
  validate: validateVolumeAttachment,
  validateStatusUpdate: validateVolumeAttachmentStatus,
  validateUpdate: ({ spec }, previous) => immutableForm('VolumeAttachmentSpec', 'spec', spec, previous.spec),
  columns: [
    { ...textColumn<V1VolumeAttachment>('Attacher', { of: 'V1VolumeAttachmentSpec.attacher' }, ({ spec }) => spec?.attacher ?? ''), format: 'name' },
    textColumn('PV', { of: 'V1VolumeAttachmentSource.persistentVolumeName' }, ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    textColumn('Node', { of: 'V1VolumeAttachmentSpec.nodeName' }, ({ spec }) => spec?.nodeName ?? ''),
    { name: 'Attached', type: 'boolean', description: { of: 'V1VolumeAttachmentStatus.attached' }, priority: 0, value: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
});
