import type { V1VolumeAttachment } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

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
});
