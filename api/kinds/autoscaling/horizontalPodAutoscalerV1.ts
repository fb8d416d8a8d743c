import type { V1HorizontalPodAutoscaler } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const horizontalPodAutoscalerV1 = defineKind<V1HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  model: 'V1HorizontalPodAutoscaler',
  storage: { group: 'autoscaling', version: 'v2' },
  hasStatus: true,
});
