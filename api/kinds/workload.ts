import type { V1LabelSelector, V1PodTemplateSpec } from '../generated/types.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../fieldError.ts';
import { invalidEach, nonNegative } from '../validation/fields.ts';
import { validateLabelSelector } from '../validation/labels.ts';
import { validatePercent } from '../validation/names.ts';
import { isPercent, type IntOrString } from '../values/intOrString.ts';
import { matchesLabels, selectorOf } from '../values/labelSelector.ts';
import { setPodSpecDefaults } from './core/pod/podDefaults.ts';
import { validatePodTemplateSpec } from './core/pod/validatePodSpec.ts';

/** Defaults of a template, in place; nothing where a client sent none, for validation to refuse. */
export function setTemplateDefaults(template: V1PodTemplateSpec | undefined): void {
  if (template?.spec) setPodSpecDefaults(template.spec);
}

/** Absent and empty are refused, as either would claim every pod or none. `kind` is as messages have it. */
export function validateWorkloadSelector(field: string, selector: V1LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required(field)];
  const errors = validateLabelSelector(field, selector);
  if (isEmptySelector(selector)) errors.push(invalid(field, selector, `empty selector is invalid for ${kind}`));
  return errors;
}

const isEmptySelector = ({ matchLabels, matchExpressions }: V1LabelSelector): boolean => Object.keys(matchLabels ?? {}).length + (matchExpressions?.length ?? 0) === 0;

/** A template whose pods run for ever and are found by the selector. `kind` names the workload in the message about deadlines. */
export function validateLongRunningTemplate(field: string, template: V1PodTemplateSpec | undefined, selector: V1LabelSelector | undefined, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  if (selector && !isEmptySelector(selector) && !matchesLabels(selectorOf(selector), template?.metadata?.labels)) {
    errors.push(invalid(`${field}.metadata.labels`, template?.metadata?.labels ?? {}, '`selector` does not match template `labels`'));
  }
  errors.push(...validatePodTemplateSpec(field, template));
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== undefined && restartPolicy !== 'Always') errors.push(notSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined) errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  return errors;
}

/** A count that is not negative, or a percentage. */
export function validateCountOrPercent(field: string, value: IntOrString | undefined): FieldError[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? invalidEach(field, value, validatePercent(value)) : nonNegative(field, value);
}

export function notOver100Percent(field: string, value: IntOrString | undefined): FieldError[] {
  return value !== undefined && isPercent(value) && Number(value.slice(0, -1)) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : [];
}

/** `0` and `0%`. */
export const isZero = (value: IntOrString | undefined): boolean => value === 0 || (typeof value === 'string' && /^0+%$/.test(value));
