import type { V1CronJob } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const cronJob = defineKind<V1CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  model: 'V1CronJob',
  hasStatus: true,
  hasGeneration: true,
});
