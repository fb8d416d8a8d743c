import type { V2CrossVersionObjectReference, V2HorizontalPodAutoscaler, V2HPAScalingRules, V2MetricIdentifier, V2MetricSpec, V2MetricTarget } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, ofEach, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { validatePathSegmentName } from '../../validation/names.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../../values/quantity.ts';

const MIN_REPLICAS = 1;
/** Bounds in seconds. */
const MAX_STABILIZATION_WINDOW = 3600;
const MAX_PERIOD = 1800;

/** Which field of a metric each type fills; in the order in which Kubernetes looks at them. */
const SOURCES = { Object: 'object', External: 'external', Pods: 'pods', Resource: 'resource', ContainerResource: 'containerResource' } as const;
const SOURCE_TYPES = Object.keys(SOURCES).sort();

/** `ValidateHorizontalPodAutoscaler`. Both versions are validated in the form of v2, so that is what paths name. */
export function validateHorizontalPodAutoscaler({ spec }: IncomingObject<V2HorizontalPodAutoscaler>): FieldError[] {
  const maxReplicas = spec?.maxReplicas ?? 0;
  const { minReplicas, scaleTargetRef, metrics = [], behavior } = spec ?? {};
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < MIN_REPLICAS) errors.push(invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${MIN_REPLICAS}`));
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  return [
    ...errors,
    ...validateReference('spec.scaleTargetRef', scaleTargetRef),
    ...ofEach('spec.metrics', metrics, validateMetric),
    ...validateScalingRules('spec.behavior.scaleUp', behavior?.scaleUp),
    ...validateScalingRules('spec.behavior.scaleDown', behavior?.scaleDown),
  ];
}

function validateReference(field: string, reference: V2CrossVersionObjectReference | undefined): FieldError[] {
  const { kind, name, apiVersion = '' }: Partial<V2CrossVersionObjectReference> = reference ?? {};
  const errors = [...pathSegment(`${field}.kind`, kind), ...pathSegment(`${field}.name`, name)];
  if (apiVersion.split('/').length > 2) errors.push(invalid(`${field}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  return errors;
}

function pathSegment(field: string, value: string | undefined, detail = ''): FieldError[] {
  return value ? invalidEach(field, value, validatePathSegmentName(value)) : [required(field, detail)];
}

function validateMetric(field: string, metric: V2MetricSpec): FieldError[] {
  const { type } = metric;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric source type'));
  const expected = Object.entries(SOURCES).find(([each]) => each === type)?.[1];
  if (!expected) errors.push(notSupported(`${field}.type`, type ?? '', SOURCE_TYPES));
  const present = Object.values(SOURCES).filter((name) => metric[name] !== undefined);
  const [first] = present;
  if (first) append(errors, validateSource(`${field}.${first}`, { [first]: metric[first] }));
  if (expected && metric[expected] === undefined) errors.push(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  if (present.length > 1) append(errors, present.filter((name) => name !== expected).map((name) => forbidden(`${field}.${name}`, 'must populate the given metric source only')));
  return errors;
}

function validateSource(field: string, { object, external, pods, resource, containerResource }: Partial<V2MetricSpec>): FieldError[] {
  if (object) return [...validateReference(`${field}.describedObject`, object.describedObject), ...validateIdentifier(`${field}.metric`, object.metric), ...validateTarget(`${field}.target`, object.target), ...needsValue(field, object.target, 'must set either a target value or averageValue')];
  if (external) {
    const both = external.target?.value !== undefined && external.target.averageValue !== undefined;
    return [
      ...validateIdentifier(`${field}.metric`, external.metric),
      ...validateTarget(`${field}.target`, external.target),
      ...needsValue(field, external.target, 'must set either a target value for metric or a per-pod target'),
      ...(both ? [forbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target')] : []),
    ];
  }
  if (pods) {
    const errors = [...validateIdentifier(`${field}.metric`, pods.metric), ...validateTarget(`${field}.target`, pods.target)];
    return isPositive(pods.target?.averageValue) ? errors : [...errors, required(`${field}.target.averageValue`, 'must specify a positive target averageValue')];
  }
  const source = resource ?? containerResource;
  const errors = source?.name ? [] : [required(`${field}.name`, 'must specify a resource name')];
  if (containerResource && !containerResource.container) errors.push(required(`${field}.container`, 'must specify a container'));
  append(errors, validateTarget(`${field}.target`, source?.target));
  const { averageUtilization, averageValue }: Partial<V2MetricTarget> = source?.target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) errors.push(required(`${field}.target.averageUtilization`, 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined) errors.push(forbidden(`${field}.target.averageValue`, 'may not set both a target raw value and a target utilization'));
  return errors;
}

function needsValue(field: string, target: V2MetricTarget | undefined, message: string): FieldError[] {
  return target?.value === undefined && target?.averageValue === undefined ? [required(`${field}.target.averageValue`, message)] : [];
}

const validateIdentifier = (field: string, metric: V2MetricIdentifier | undefined): FieldError[] => pathSegment(`${field}.name`, metric?.name, 'must specify a metric name');

function validateTarget(field: string, target: V2MetricTarget | undefined): FieldError[] {
  const { type = '', value, averageValue, averageUtilization }: Partial<V2MetricTarget> = target ?? {};
  const errors = type === '' ? [required(`${field}.type`, 'must specify a metric target type')] : [];
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) errors.push(invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  append(errors, positive(`${field}.value`, value), positive(`${field}.averageValue`, averageValue));
  if (averageUtilization !== undefined && averageUtilization < 1) errors.push(invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

function isPositive(text: string | undefined): boolean {
  const quantity = text === undefined ? undefined : tryParseQuantity(text);
  return quantity !== undefined && quantity.nanos > 0n;
}

function positive(field: string, text: string | undefined): FieldError[] {
  if (text === undefined || isPositive(text)) return [];
  return [invalid(field, text, tryParseQuantity(text) ? 'must be positive' : QUANTITY_FORMAT_MESSAGE)];
}

function validateScalingRules(field: string, rules: V2HPAScalingRules | undefined): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  if (window !== undefined && window < 0) errors.push(invalid(`${field}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_STABILIZATION_WINDOW) errors.push(invalid(`${field}.stabilizationWindowSeconds`, window, `must be less than or equal to ${MAX_STABILIZATION_WINDOW}`));
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy)) errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (policies.length === 0) errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  for (const [index, { type, value, periodSeconds }] of policies.entries()) {
    const path = `${field}.policies[${index}]`;
    if (type !== 'Percent' && type !== 'Pods') errors.push(notSupported(`${path}.type`, type ?? '', ['Percent', 'Pods']));
    if (!(value > 0)) errors.push(invalid(`${path}.value`, value ?? 0, 'must be greater than zero'));
    if (!(periodSeconds > 0)) errors.push(invalid(`${path}.periodSeconds`, periodSeconds ?? 0, 'must be greater than zero'));
    if (periodSeconds > MAX_PERIOD) errors.push(invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD}`));
  }
  const parsed = tolerance === undefined ? undefined : tryParseQuantity(tolerance);
  if (tolerance !== undefined && !parsed) errors.push(invalid(`${field}.tolerance`, tolerance, QUANTITY_FORMAT_MESSAGE));
  if (parsed && parsed.nanos < 0n) errors.push(invalid(`${field}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  return errors;
}
