import type { V1HorizontalPodAutoscaler, V2HorizontalPodAutoscaler } from '../../generated/types.ts';
import type { TableColumn } from '../../resourceDefinition.ts';
import { nonNegative } from '../../validation/fields.ts';
import { defineKind } from '../defineKind.ts';
import { autoscalerColumns } from './autoscalerColumns.ts';
import { autoscalerToV1, autoscalerToV2 } from './convertAutoscaler.ts';
import { validateHorizontalPodAutoscaler } from './validateHorizontalPodAutoscaler.ts';

/** The older version, a view of what is stored as autoscaling/v2. */
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
  convert: { toStorage: (object) => autoscalerToV2(object as V1HorizontalPodAutoscaler), fromStorage: (object) => autoscalerToV1(object as V2HorizontalPodAutoscaler) },
  hasStatus: true,
  setDefaults({ spec, metadata }) {
    if (!spec) return;
    spec.minReplicas ??= 1;
    // As the newer version does where nothing at all is measured.
    if (metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] === undefined) spec.targetCPUUtilizationPercentage ??= 80;
  },
  validate: (object) => validateHorizontalPodAutoscaler(autoscalerToV2(object as V1HorizontalPodAutoscaler)),
  validateStatusUpdate: ({ status }) => [...nonNegative('status.currentReplicas', status?.currentReplicas), ...nonNegative('status.desiredReplicas', status?.desiredReplicas)],
  columns: autoscalerColumns.map((column): TableColumn<V1HorizontalPodAutoscaler> => ({ ...column, value: (object, now) => column.value(autoscalerToV2(object), now) })),
});
