import type { V1Job, V1JobSpec, V1PodTemplateSpec } from '../../generated/types.ts';
import { invalid, notSupported, required, tooLong, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, nonNegative, oneOf } from '../../validation/fields.ts';
import { validateLabelSelector } from '../../validation/labels.ts';
import { matchesLabels, selectorOf } from '../../values/labelSelector.ts';
import { LABEL_JOB_CONTROLLER_UID, LABEL_JOB_NAME, LABEL_LEGACY_CONTROLLER_UID, LABEL_LEGACY_JOB_NAME } from '../../wellKnown.ts';
import { validatePodTemplateSpec } from '../core/pod/validatePodSpec.ts';
import { validateDomainPrefixedPath } from '../domainPrefixedPath.ts';
import { validatePodFailurePolicy, validateSuccessPolicy } from './validateJobPolicies.ts';

/** Indexes have to fit into a status, so there are bounds on their number. */
const MAX_PARALLELISM_OF_INDEXED = 100_000;
const MAX_MANAGER_LENGTH = 63;

export function validateJob({ spec, metadata }: IncomingObject<V1Job>): FieldError[] {
  if (!spec) return [required('spec.template')];
  const errors = validateJobSpec('spec', spec);
  if (!spec.selector) errors.push(required('spec.selector'));
  else errors.push(...validateLabelSelector('spec.selector', spec.selector));
  if (spec.selector && !matchesLabels(selectorOf(spec.selector), spec.template?.metadata?.labels)) {
    errors.push(invalid('spec.template.metadata.labels', spec.template?.metadata?.labels ?? {}, '`selector` does not match template `labels`'));
  }
  return [...errors, ...validateGeneratedLabels(spec, metadata.name ?? '', metadata.uid ?? '')];
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
  if (selector?.matchLabels?.[LABEL_JOB_CONTROLLER_UID] !== uid && selector?.matchLabels?.[LABEL_LEGACY_CONTROLLER_UID] !== uid) {
    errors.push(invalid('spec.selector', selector, '`selector` not auto-generated'));
  }
  return errors;
}

/** What holds for the spec of a Job and of a CronJob's template. */
export function validateJobSpec(field: string, spec: V1JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    errors.push(...nonNegative(`${field}.${name}`, spec[name]));
  }
  const { completionMode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completionMode !== undefined && completionMode !== 'NonIndexed' && completionMode !== 'Indexed') errors.push(notSupported(`${field}.completionMode`, completionMode, ['Indexed', 'NonIndexed']));
  if (completionMode === 'Indexed') {
    if (completions === undefined) errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
    if (parallelism > MAX_PARALLELISM_OF_INDEXED) errors.push(invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${MAX_PARALLELISM_OF_INDEXED} when completion mode is Indexed`));
  } else if (backoffLimitPerIndex !== undefined) {
    errors.push(invalid(`${field}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'));
  }
  if (maxFailedIndexes !== undefined) {
    if (backoffLimitPerIndex === undefined) errors.push({ type: 'FieldValueRequired', field: `${field}.backoffLimitPerIndex`, message: 'Required value: when maxFailedIndexes is specified' });
    if (completions !== undefined && maxFailedIndexes > completions) errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
  }
  if (spec.podReplacementPolicy !== undefined) {
    errors.push(...oneOf(`${field}.podReplacementPolicy`, spec.podReplacementPolicy, spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']));
  }
  if (spec.managedBy !== undefined) errors.push(...validateManager(`${field}.managedBy`, spec.managedBy));
  errors.push(...validatePodFailurePolicy(`${field}.podFailurePolicy`, spec), ...validateSuccessPolicy(`${field}.successPolicy`, spec));
  return [...errors, ...validatePodTemplateSpec(`${field}.template`, spec.template), ...validateRestartPolicy(`${field}.template.spec.restartPolicy`, spec)];
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

/** A Job's work is settled when it is created; a suspended one that never started may still be told where to run. */
export function validateJobUpdate({ spec }: IncomingObject<V1Job>, previous: V1Job): FieldError[] {
  const before = previous.spec;
  if (!spec || !before) return [];
  return [
    ...validateCompletions(spec, before),
    ...immutable('spec.selector', spec.selector, before.selector),
    ...immutable('spec.template', withSchedulingOf(spec.template, before, previous), before.template),
    ...immutable('spec.completionMode', spec.completionMode, before.completionMode),
    ...immutable('spec.podFailurePolicy', spec.podFailurePolicy, before.podFailurePolicy),
    ...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, before.backoffLimitPerIndex),
    ...immutable('spec.managedBy', spec.managedBy, before.managedBy),
    ...immutable('spec.successPolicy', spec.successPolicy, before.successPolicy),
  ];
}

function validateCompletions(spec: V1JobSpec, before: V1JobSpec): FieldError[] {
  if (spec.completions === before.completions) return [];
  if (spec.completionMode !== 'Indexed' || spec.completions === undefined || before.completions === undefined) return immutable('spec.completions', spec.completions, before.completions);
  return spec.completions === spec.parallelism ? [] : [invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

function withSchedulingOf(template: V1PodTemplateSpec, before: V1JobSpec, job: V1Job): V1PodTemplateSpec {
  const mayMove = before.suspend === true && job.status?.startTime === undefined;
  const old = before.template;
  if (!mayMove || !template.spec || !old.spec) return template;
  const { nodeSelector, tolerations, schedulingGates, affinity } = old.spec;
  return {
    ...template,
    metadata: { ...template.metadata, labels: old.metadata?.labels, annotations: old.metadata?.annotations },
    spec: { ...template.spec, nodeSelector, tolerations, schedulingGates, affinity: { ...template.spec.affinity, nodeAffinity: affinity?.nodeAffinity } },
  };
}
