import type { V1PersistentVolume } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

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
});
