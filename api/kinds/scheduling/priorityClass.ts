import type { V1PriorityClass } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const priorityClass = defineKind<V1PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  model: 'V1PriorityClass',
  hasGeneration: true,
});
