import type { V1Namespace } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const namespace = defineKind<V1Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  model: 'V1Namespace',
  hasStatus: true,
});
