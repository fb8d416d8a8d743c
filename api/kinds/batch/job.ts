import type { V1Job } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const job = defineKind<V1Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  model: 'V1Job',
  hasStatus: true,
  hasGeneration: true,
});
