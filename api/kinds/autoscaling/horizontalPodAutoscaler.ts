import type { V2HorizontalPodAutoscaler, V2HorizontalPodAutoscalerSpec } from '../../generated/types.ts';
import { nonNegative } from '../../validation/fields.ts';
import { defineKind } from '../defineKind.ts';
import { autoscalerColumns } from './autoscalerColumns.ts';
import { validateHorizontalPodAutoscaler } from './validateHorizontalPodAutoscaler.ts';

export const horizontalPodAutoscaler = defineKind<V2HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  model: 'V2HorizontalPodAutoscaler',
  hasStatus: true,
  setDefaults({ spec }) {
    if (!spec) return;
    spec.minReplicas ??= 1;
    if (!spec.metrics?.length) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
    setBehaviorDefaults(spec);
  },
  validate: validateHorizontalPodAutoscaler,
  validateStatusUpdate: ({ status }) => [...nonNegative('status.currentReplicas', status?.currentReplicas), ...nonNegative('status.desiredReplicas', status?.desiredReplicas)],
  columns: autoscalerColumns,
});

/** Where a behaviour is given at all, what it leaves out is filled in. */
function setBehaviorDefaults({ behavior }: V2HorizontalPodAutoscalerSpec): void {
  if (!behavior) return;
  const up = (behavior.scaleUp ??= {});
  up.stabilizationWindowSeconds ??= 0;
  up.selectPolicy ??= 'Max';
  up.policies ??= [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }];
  const down = (behavior.scaleDown ??= {});
  down.selectPolicy ??= 'Max';
  down.policies ??= [{ type: 'Percent', value: 100, periodSeconds: 15 }];
}
