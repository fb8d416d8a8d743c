import type { V1LabelSelector, V1PodTemplateSpec } from '../generated/types.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../fieldError.ts';
import { invalidEach, nonNegative } from '../validation/fields.ts';
import { validateLabelSelector } from '../validation/labels.ts';
import { validatePercent } from '../validation/names.ts';
import { isPercent, type IntOrString } from '../values/intOrString.ts';
import { matchesLabels, selectorOf } from '../values/labelSelector.ts';
import { dropInitContainerAnnotations, setPodSpecDefaults } from './core/pod/podDefaults.ts';
import { validatePodTemplateSpec } from './core/pod/validatePodSpec.ts';

/** Defaults of a template, in place; nothing where a client sent none, for validation to refuse. */
export function setTemplateDefaults(template: V1PodTemplateSpec | undefined): void {
  dropInitContainerAnnotations(template?.metadata);
  if (template?.spec) setPodSpecDefaults(template.spec);
}

/** How messages call a workload. */
interface WorkloadNames {
  /** Of the selector. */
  readonly selector: string;
  /** Of the template. */
  readonly template: string;
  /** What is said of a selector that is none. */
  readonly malformed: string;
}

/** The selector of a workload and the template, which a selector that is none says nothing of. */
export function validateSelectedTemplate(selector: V1LabelSelector | undefined, template: V1PodTemplateSpec | undefined, names: WorkloadNames): FieldError[] {
  const errors = validateWorkloadSelector('spec.selector', selector, names.selector);
  if (validateLabelSelector('spec.selector', selector).length > 0) return [...errors, invalid('spec.selector', selector, names.malformed)];
  return [...errors, ...validateMatch('spec.template', template, selector), ...validateLongRunningTemplate('spec.template', template, names.template)];
}

/** Absent and empty are refused, as either would claim every pod or none. `kind` is as messages have it. */
export function validateWorkloadSelector(field: string, selector: V1LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required(field)];
  const errors = validateLabelSelector(field, selector);
  if (isEmptySelector(selector)) errors.push(invalid(field, selector, `empty selector is invalid for ${kind}`));
  return errors;
}

const isEmptySelector = ({ matchLabels, matchExpressions }: V1LabelSelector): boolean => Object.keys(matchLabels ?? {}).length + (matchExpressions?.length ?? 0) === 0;

/** Whether the selector finds the template's pods; an empty one finds all, and none at all finds none. */
export function validateMatch(field: string, template: V1PodTemplateSpec | undefined, selector: V1LabelSelector | undefined): FieldError[] {
  const labels = template?.metadata?.labels;
  return matchesLabels(selectorOf(selector), labels) ? [] : [invalid(`${field}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')];
}

/** A template whose pods run for ever. `kind` names the workload in the message about deadlines. */
export function validateLongRunningTemplate(field: string, template: V1PodTemplateSpec | undefined, kind: string): FieldError[] {
  return [...validatePodTemplateSpec(field, template), ...validateEndless(field, template, kind)];
}

export function validateEndless(field: string, template: V1PodTemplateSpec | undefined, kind: string): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  const errors: FieldError[] = [];
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
