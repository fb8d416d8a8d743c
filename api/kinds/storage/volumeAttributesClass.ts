import type { V1VolumeAttributesClass } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const volumeAttributesClass = defineKind<V1VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  namespaced: false,
  model: 'V1VolumeAttributesClass',
});
