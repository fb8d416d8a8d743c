import type { V1DaemonSet } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const daemonSet = defineKind<V1DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  model: 'V1DaemonSet',
  hasStatus: true,
  hasGeneration: true,
});
