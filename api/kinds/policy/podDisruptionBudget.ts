import type { V1PodDisruptionBudget } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const podDisruptionBudget = defineKind<V1PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  model: 'V1PodDisruptionBudget',
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
});
