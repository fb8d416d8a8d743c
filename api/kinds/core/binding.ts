import type { V1Binding } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const binding = defineKind<V1Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  verbs: ['create'],
  model: 'V1Binding',
});
