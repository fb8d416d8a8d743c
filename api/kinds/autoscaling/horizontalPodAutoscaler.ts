import type { V2HorizontalPodAutoscaler, V2HorizontalPodAutoscalerSpec, V2MetricSpec, V2MetricStatus, V2MetricTarget, V2MetricValueStatus } from '../../generated/types.ts';
import { invalid, required, type FieldError } from '../../fieldError.ts';
import type { TableColumn } from '../../resourceDefinition.ts';
import { ageColumn, integerColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const SHOWN_METRICS = 2;

export const autoscalerColumns: readonly TableColumn<V2HorizontalPodAutoscaler>[] = [
  textColumn('Reference', 'What it scales.', ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`),
  textColumn('Targets', 'What is measured, and what it should be.', formatTargets),
  textColumn('MinPods', 'How many pods there are at least.', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
  integerColumn('MaxPods', 'How many pods there are at most.', ({ spec }) => spec?.maxReplicas ?? 0),
  integerColumn('Replicas', 'How many pods there are.', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
];

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
  validate: validateAutoscaler,
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

/** What both versions have in common. */
export function validateAutoscaler({ spec }: { readonly spec?: Pick<V2HorizontalPodAutoscalerSpec, 'minReplicas' | 'maxReplicas' | 'scaleTargetRef'> }): FieldError[] {
  const maxReplicas = spec?.maxReplicas ?? 0;
  const { minReplicas, scaleTargetRef } = spec ?? {};
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  if (!scaleTargetRef?.kind) errors.push(required('spec.scaleTargetRef.kind'));
  if (!scaleTargetRef?.name) errors.push(required('spec.scaleTargetRef.name'));
  return errors;
}

function formatTargets({ spec, status }: V2HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const shown = metrics.slice(0, SHOWN_METRICS).map((metric, index) => formatTarget(metric, status?.currentMetrics?.[index])).join(', ');
  return metrics.length > SHOWN_METRICS ? `${shown} + ${metrics.length - SHOWN_METRICS} more...` : shown;
}

function formatTarget(metric: V2MetricSpec, current: V2MetricStatus | undefined): string {
  const resource = metric.resource ?? metric.containerResource;
  if (resource) return `${resource.name}: ${ratio(resource.target, (current?.resource ?? current?.containerResource)?.current)}`;
  const other = metric.pods ?? metric.object ?? metric.external;
  return other ? ratio(other.target, (current?.pods ?? current?.object ?? current?.external)?.current) : '<unknown type>';
}

function ratio(target: V2MetricTarget, current: V2MetricValueStatus | undefined): string {
  if (target.averageUtilization !== undefined) return `${current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`}/${target.averageUtilization}%`;
  if (target.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue}${target.type === 'AverageValue' ? '' : ' (avg)'}`;
  return `${current?.value ?? '<unknown>'}/${target.value ?? '<auto>'}`;
}
