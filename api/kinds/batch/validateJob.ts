import type { V1Job, V1JobSpec } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required, tooLong } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nonNegative, oneOf } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { validateDns1123Label } from '../../validation/names.ts';
import { matchesLabels, selectorOf } from '../../values/labelSelector.ts';
import { LABEL_JOB_CONTROLLER_UID, LABEL_JOB_NAME, LABEL_LEGACY_CONTROLLER_UID, LABEL_LEGACY_JOB_NAME } from '../../wellKnown.ts';
import { validatePodTemplateSpec } from '../core/pod/validatePodSpec.ts';
import { validateDomainPrefixedPath } from '../domainPrefixedPath.ts';
import { validateMatch } from '../workload.ts';
import { validatePodFailurePolicy, validateSuccessPolicy } from './validateJobPolicies.ts';

/** Indexes have to fit into a status, so there are bounds on their number. */
const MAX_PARALLELISM_OF_INDEXED = 100_000;
const MAX_FAILED_INDEXES = 100_000;
/** Above so many completions with a limit per index, the bounds are tighter. */
const MANY_COMPLETIONS = 100_000;
const MAX_PARALLELISM_OF_MANY = 10_000;
const MAX_FAILED_INDEXES_OF_MANY = 10_000;
const MAX_MANAGER_LENGTH = 63;

/** `ValidateJob`. */
export function validateJob({ spec, metadata }: IncomingObject<V1Job>): FieldError[] {
  if (!spec) return [required('spec.template')];
  const errors = spec.selector ? validateGeneratedLabels(spec, metadata.name ?? '', metadata.uid ?? '') : [];
  append(errors, validateJobSpec('spec', spec));
  if (!spec.selector) errors.push(required('spec.selector'));
  else append(errors, validateLabelSelector('spec.selector', spec.selector));
  if (validateLabelSelector('spec.selector', spec.selector).length === 0) append(errors, validateMatch('spec.template', spec.template, spec.selector));
  return [...errors, ...validateHostname(spec, metadata.name ?? '')];
}

/** The pods of an Indexed Job get its name and their index for a hostname. */
function validateHostname({ completionMode, completions = 0 }: V1JobSpec, name: string): FieldError[] {
  if (completionMode !== 'Indexed' || completions <= 0) return [];
  const longest = `${name}-${completions - 1}`;
  return validateDns1123Label(longest).length > 0 ? [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)] : [];
}

function validateGeneratedLabels({ manualSelector, template, selector }: V1JobSpec, name: string, uid: string): FieldError[] {
  if (manualSelector) return [];
  const labels = template?.metadata?.labels ?? {};
  const expected = { [LABEL_LEGACY_CONTROLLER_UID]: uid, [LABEL_LEGACY_JOB_NAME]: name, [LABEL_JOB_CONTROLLER_UID]: uid, [LABEL_JOB_NAME]: name };
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(expected)) {
    const field = 'spec.template.metadata.labels';
    if (labels[key] === undefined) errors.push(required(`${field}[${key}]`, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid(`${field}[${key}]`, labels, `must be '${value}'`));
  }
  if (!matchesLabels(selectorOf(selector), expected)) {
    errors.push(invalid('spec.selector', selector, '`selector` not auto-generated'));
  }
  return errors;
}

/** What holds for the spec of a Job and of a CronJob's template (`validateJobSpec`). */
export function validateJobSpec(field: string, spec: V1JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    append(errors, nonNegative(`${field}.${name}`, spec[name]));
  }
  const { completionMode, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) append(errors, validateManager(`${field}.managedBy`, spec.managedBy));
  if (completionMode !== undefined && completionMode !== 'NonIndexed' && completionMode !== 'Indexed') errors.push(notSupported(`${field}.completionMode`, completionMode, ['NonIndexed', 'Indexed']));
  if (completionMode === 'Indexed') append(errors, validateIndexed(field, spec));
  if (completionMode === undefined || completionMode === 'NonIndexed') {
    for (const [name, value] of Object.entries({ backoffLimitPerIndex, maxFailedIndexes })) if (value !== undefined) errors.push(invalid(`${field}.${name}`, value, 'requires indexed completion mode'));
  }
  append(errors, validatePodFailurePolicy(`${field}.podFailurePolicy`, spec), validateSuccessPolicy(`${field}.successPolicy`, spec));
  if (spec.podReplacementPolicy !== undefined) {
    append(errors, oneOf(`${field}.podReplacementPolicy`, spec.podReplacementPolicy, spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']));
  }
  return [...errors, ...validatePodTemplateSpec(`${field}.template`, spec.template), ...validateRestartPolicy(`${field}.template.spec.restartPolicy`, spec)];
}

function validateIndexed(field: string, { completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes }: V1JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const atMost = (name: string, value: number, most: number, when = ''): void => {
    if (value > most) errors.push(invalid(`${field}.${name}`, value, `must be less than or equal to ${most}${when}`));
  };
  if (completions === undefined) errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  atMost('parallelism', parallelism, MAX_PARALLELISM_OF_INDEXED, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
  atMost('maxFailedIndexes', maxFailedIndexes ?? 0, MAX_FAILED_INDEXES);
  if (completions === undefined || completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors;
  const when = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) errors.push(required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  atMost('parallelism', parallelism, MAX_PARALLELISM_OF_MANY, when);
  atMost('maxFailedIndexes', maxFailedIndexes ?? 0, MAX_FAILED_INDEXES_OF_MANY, when);
  return errors;
}

/** The controller that a Job is left to, e.g. `acme.io/queue`. */
function validateManager(field: string, name: string): FieldError[] {
  return [...validateDomainPrefixedPath(field, name), ...(name.length > MAX_MANAGER_LENGTH ? [tooLong(field, MAX_MANAGER_LENGTH)] : [])];
}

function validateRestartPolicy(field: string, { template, podFailurePolicy }: V1JobSpec): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? '';
  // Defaulting has made Always of what was left out.
  if (policy === '' || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])];
  return podFailurePolicy && policy !== 'Never' ? [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}
