import type { V1HorizontalPodAutoscaler, V2HorizontalPodAutoscaler, V2MetricSpec, V2MetricStatus } from '../../generated/types.ts';
import { isRecord } from '../../values/isRecord.ts';
import { metricFromFlat, metricToFlat, statusFromFlat, statusToFlat } from './convertMetrics.ts';
import type { FlatMetric } from './convertMetrics.ts';

/** Where the older version keeps what it has no field for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

/** The utilisation of cpu is the one metric that autoscaling/v1 has a field for. */
const isCpuUtilization = ({ type, resource }: V2MetricSpec): boolean => type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;
const isCpuStatus = ({ type, resource }: V2MetricStatus): boolean => type === 'Resource' && resource?.name === 'cpu' && resource.current.averageUtilization !== undefined;

/** autoscaling/v1 to autoscaling/v2, in which objects are stored. */
export function autoscalerToV2(object: V1HorizontalPodAutoscaler): V2HorizontalPodAutoscaler {
  const { [METRICS]: metricsText, [CURRENT_METRICS]: currentText, [CONDITIONS]: conditionsText, [BEHAVIOR]: behaviorText, ...annotations } = object.metadata.annotations ?? {};
  const { spec, status, metadata } = object;
  const percentage = spec?.targetCPUUtilizationPercentage;
  const cpu: V2MetricSpec[] = percentage === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } } }];
  const metrics = [...listIn<FlatMetric>(metricsText).map(metricFromFlat), ...cpu];
  const behavior = objectIn(behaviorText);
  const currentPercentage = status?.currentCPUUtilizationPercentage;
  const currentCpu: V2MetricStatus[] = currentPercentage === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentPercentage } } }];
  // The annotation has every status, that of cpu included, as the field has no room for the raw value.
  const written = listIn<FlatMetric>(currentText).map(statusFromFlat);
  const currentMetrics = written.length > 0 ? written : currentCpu;
  const conditions = listIn<NonNullable<NonNullable<V2HorizontalPodAutoscaler['status']>['conditions']>[number]>(conditionsText);
  const { annotations: _, ...otherMetadata } = metadata;
  return {
    apiVersion: 'autoscaling/v2',
    kind: object.kind,
    metadata: Object.keys(annotations).length > 0 ? { ...otherMetadata, annotations } : otherMetadata,
    ...(spec && {
      spec: {
        scaleTargetRef: spec.scaleTargetRef,
        ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
        maxReplicas: spec.maxReplicas,
        ...(metrics.length > 0 ? { metrics } : {}),
        ...(behavior ? { behavior } : {}),
      },
    }),
    ...(status && {
      status: {
        ...counts(status),
        desiredReplicas: status.desiredReplicas,
        currentMetrics: currentMetrics.length > 0 ? currentMetrics : null,
        ...(conditions.length > 0 ? { conditions } : {}),
      },
    }),
  };
}

/** autoscaling/v2 to autoscaling/v1. */
export function autoscalerToV1(object: V2HorizontalPodAutoscaler): V1HorizontalPodAutoscaler {
  const { spec, status, metadata } = object;
  const cpu = spec?.metrics?.find(isCpuUtilization);
  const otherMetrics = (spec?.metrics ?? []).filter((each) => each !== cpu);
  const currentCpu = status?.currentMetrics?.find(isCpuStatus);
  const currentMetrics = status?.currentMetrics ?? [];
  const annotations = {
    ...metadata.annotations,
    ...(otherMetrics.length > 0 ? { [METRICS]: JSON.stringify(otherMetrics.map(metricToFlat)) } : {}),
    ...(currentMetrics.length > 0 ? { [CURRENT_METRICS]: JSON.stringify(currentMetrics.map(statusToFlat)) } : {}),
    ...(status?.conditions?.length ? { [CONDITIONS]: JSON.stringify(status.conditions) } : {}),
    ...(spec?.behavior ? { [BEHAVIOR]: JSON.stringify(spec.behavior) } : {}),
  };
  const percentage = cpu?.resource?.target.averageUtilization;
  const currentPercentage = currentCpu?.resource?.current.averageUtilization;
  return {
    apiVersion: 'autoscaling/v1',
    kind: object.kind,
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    ...(spec && {
      spec: {
        scaleTargetRef: spec.scaleTargetRef,
        ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
        maxReplicas: spec.maxReplicas,
        ...(percentage === undefined ? {} : { targetCPUUtilizationPercentage: percentage }),
      },
    }),
    ...(status && {
      status: {
        ...counts(status),
        currentReplicas: status.currentReplicas ?? 0,
        desiredReplicas: status.desiredReplicas,
        ...(currentPercentage === undefined ? {} : { currentCPUUtilizationPercentage: currentPercentage }),
      },
    }),
  };
}

interface Counts {
  observedGeneration?: number;
  lastScaleTime?: string;
  currentReplicas?: number;
}

/** The part of a status that both versions have. */
function counts({ observedGeneration, lastScaleTime, currentReplicas }: Counts): Counts {
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(currentReplicas === undefined ? {} : { currentReplicas }),
  };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // A client wrote something of its own into the annotation: it then says nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function listIn<T extends object>(text: string | undefined): T[] {
  const value = parsed(text);
  return Array.isArray(value) ? value.filter((each): each is T => typeof each === 'object' && each !== null) : [];
}

function objectIn(text: string | undefined): object | undefined {
  const value = parsed(text);
  return isRecord(value) ? value : undefined;
}
