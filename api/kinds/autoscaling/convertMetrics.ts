import type { V1LabelSelector, V2CrossVersionObjectReference, V2MetricSpec, V2MetricStatus, V2MetricTarget, V2MetricValueStatus } from '../../generated/types.ts';

/**
 * Metrics as autoscaling/v1 writes them into annotations: flat, as they were before a metric had a target of its own
 * (`autoscaling/v1 MetricSpec` and `MetricStatus`; for a status, read `current…` where a spec says `target…`).
 */
export interface FlatMetric {
  type: string;
  object?: { target: V2CrossVersionObjectReference; metricName: string; targetValue?: string; currentValue?: string; averageValue?: string; selector?: V1LabelSelector };
  pods?: { metricName: string; targetAverageValue?: string; currentAverageValue?: string; selector?: V1LabelSelector };
  resource?: FlatUsage;
  containerResource?: FlatUsage & { container: string };
  external?: { metricName: string; metricSelector?: V1LabelSelector; targetValue?: string; targetAverageValue?: string; currentValue?: string; currentAverageValue?: string };
}

interface FlatUsage {
  name: string;
  targetAverageUtilization?: number;
  targetAverageValue?: string;
  currentAverageUtilization?: number;
  currentAverageValue?: string;
}

const metricOf = (name: string, selector: V1LabelSelector | undefined): { name: string; selector?: V1LabelSelector } => (selector ? { name, selector } : { name });
const valueTarget = (value: string | undefined, averageValue: string | undefined): V2MetricTarget =>
  averageValue === undefined ? { type: 'Value', ...(value === undefined ? {} : { value }) } : { type: 'AverageValue', averageValue, ...(value === undefined || value === '0' ? {} : { value }) };

function usageTarget({ targetAverageUtilization, targetAverageValue }: FlatUsage): V2MetricTarget {
  const value = targetAverageValue === undefined ? {} : { averageValue: targetAverageValue };
  return targetAverageUtilization === undefined ? { type: 'AverageValue', ...value } : { type: 'Utilization', averageUtilization: targetAverageUtilization, ...value };
}

/** The form of v2 of a metric that an annotation holds. */
export function metricFromFlat({ type, object, pods, resource, containerResource, external }: FlatMetric): V2MetricSpec {
  const metric: V2MetricSpec = { type };
  if (object) metric.object = { describedObject: object.target, metric: metricOf(object.metricName, object.selector), target: valueTarget(object.targetValue, object.averageValue) };
  if (pods) metric.pods = { metric: metricOf(pods.metricName, pods.selector), target: { type: 'AverageValue', averageValue: pods.targetAverageValue ?? '0' } };
  if (resource) metric.resource = { name: resource.name, target: usageTarget(resource) };
  if (containerResource) metric.containerResource = { name: containerResource.name, container: containerResource.container, target: usageTarget(containerResource) };
  if (external) metric.external = { metric: metricOf(external.metricName, external.metricSelector), target: valueTarget(external.targetValue, external.targetAverageValue) };
  return metric;
}

/** The reverse of `metricFromFlat`. */
export function metricToFlat({ type, object, pods, resource, containerResource, external }: V2MetricSpec): FlatMetric {
  const usage = ({ name, target }: { name: string; target: V2MetricTarget }): FlatUsage => compact({ name, targetAverageUtilization: target.averageUtilization, targetAverageValue: target.averageValue });
  const metric: FlatMetric = { type };
  // A flat Object metric always has a targetValue; 0 says that there is only the average.
  if (object) metric.object = compact({ target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? '0', averageValue: object.target.averageValue, selector: object.metric.selector });
  if (pods) metric.pods = compact({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue, selector: pods.metric.selector });
  if (resource) metric.resource = usage(resource);
  if (containerResource) metric.containerResource = { ...usage(containerResource), container: containerResource.container };
  if (external) metric.external = compact({ metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue });
  return metric;
}

/** The form of v2 of a metric's status that an annotation holds. */
export function statusFromFlat({ type, object, pods, resource, containerResource, external }: FlatMetric): V2MetricStatus {
  const usage = ({ currentAverageUtilization, currentAverageValue }: FlatUsage): V2MetricValueStatus => compact({ averageUtilization: currentAverageUtilization, averageValue: currentAverageValue });
  const status: V2MetricStatus = { type };
  if (object) status.object = { describedObject: object.target, metric: metricOf(object.metricName, object.selector), current: compact({ value: object.currentValue, averageValue: object.averageValue }) };
  if (pods) status.pods = { metric: metricOf(pods.metricName, pods.selector), current: compact({ averageValue: pods.currentAverageValue }) };
  if (resource) status.resource = { name: resource.name, current: usage(resource) };
  if (containerResource) status.containerResource = { name: containerResource.name, container: containerResource.container, current: usage(containerResource) };
  if (external) status.external = { metric: metricOf(external.metricName, external.metricSelector), current: compact({ value: external.currentValue, averageValue: external.currentAverageValue }) };
  return status;
}

/** The reverse of `statusFromFlat`. */
export function statusToFlat({ type, object, pods, resource, containerResource, external }: V2MetricStatus): FlatMetric {
  const usage = ({ name, current }: { name: string; current: V2MetricValueStatus }): FlatUsage => compact({ name, currentAverageUtilization: current.averageUtilization, currentAverageValue: current.averageValue ?? '0' });
  const flat: FlatMetric = { type };
  if (object) flat.object = compact({ target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? '0', averageValue: object.current.averageValue, selector: object.metric.selector });
  if (pods) flat.pods = compact({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue, selector: pods.metric.selector });
  if (resource) flat.resource = usage(resource);
  if (containerResource) flat.containerResource = { ...usage(containerResource), container: containerResource.container };
  if (external) flat.external = compact({ metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? '0', currentAverageValue: external.current.averageValue });
  return flat;
}

/** Drops what is undefined. */
function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
