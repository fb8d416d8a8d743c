import type { V2HorizontalPodAutoscaler, V2MetricSpec, V2MetricStatus, V2MetricTarget, V2MetricValueStatus } from '../../generated/types.ts';
import type { TableColumn } from '../../resourceDefinition.ts';
import { ageColumn, textColumn } from '../columns.ts';

const UNKNOWN = '<unknown>';
const SHOWN = 2;

/** Numbers under columns of text, as Kubernetes' own printer has them. */
export const autoscalerColumns: readonly TableColumn<V2HorizontalPodAutoscaler>[] = [
  textColumn('Reference', 'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.', ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`),
  textColumn('Targets', { of: 'V2HorizontalPodAutoscalerSpec.metrics' }, ({ spec, status }) => formatMetrics(spec?.metrics ?? [], status?.currentMetrics ?? [])),
  textColumn('MinPods', { of: 'V2HorizontalPodAutoscalerSpec.minReplicas' }, ({ spec }) => (spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas))),
  { name: 'MaxPods', type: 'string', description: { of: 'V2HorizontalPodAutoscalerSpec.maxReplicas' }, priority: 0, value: ({ spec }) => spec?.maxReplicas ?? 0 },
  { name: 'Replicas', type: 'string', description: { of: 'V2HorizontalPodAutoscalerStatus.currentReplicas' }, priority: 0, value: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
];

/** `cpu: 12%/80%, 3/10 + 1 more...`; statuses stand in the order of the metrics. */
function formatMetrics(specs: readonly V2MetricSpec[], statuses: readonly V2MetricStatus[]): string {
  if (specs.length === 0) return '<none>';
  const shown = specs.slice(0, SHOWN).map((spec, index) => formatMetric(spec, statuses[index])).join(', ');
  return specs.length > SHOWN ? `${shown} + ${specs.length - SHOWN} more...` : shown;
}

function formatMetric({ type, external, object, pods, resource, containerResource }: V2MetricSpec, status: V2MetricStatus | undefined): string {
  switch (type) {
    case 'External':
      return formatValue(external?.target, status?.external?.current);
    case 'Object':
      return formatValue(object?.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods?.current?.averageValue ?? UNKNOWN}/${pods?.target?.averageValue ?? UNKNOWN}`;
    case 'Resource':
      return `${resource?.name ?? ''}: ${formatUsage(resource?.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${containerResource?.name ?? ''}: ${formatUsage(containerResource?.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function formatValue(target: V2MetricTarget | undefined, current: V2MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target?.value ?? UNKNOWN}`;
}

function formatUsage(target: V2MetricTarget | undefined, current: V2MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, absent: string): string => (value === undefined ? absent : `${value}%`);
  return `${percent(current?.averageUtilization, UNKNOWN)}/${percent(target?.averageUtilization, '<auto>')}`;
}
