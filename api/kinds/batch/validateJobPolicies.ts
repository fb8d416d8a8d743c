import type { V1JobSpec, V1PodFailurePolicyOnExitCodesRequirement, V1PodFailurePolicyRule, V1SuccessPolicyRule } from '../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required, tooLong, tooMany } from '../../fieldError.ts';
import { labelName, nonNegative, repeats } from '../../validation/fields.ts';
import { internalForm } from '../internalForm.ts';
import { countIndexes } from './jobIndexes.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEXES_BYTES = 64 * 1024;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

/** `valid values: ["a" "b"]`, as Go prints a list of texts. */
const validValues = (values: readonly string[]): string => `valid values: [${values.map((each) => JSON.stringify(each)).join(' ')}]`;

/** An error that does not repeat the value. */
const wrong = (field: string, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` });

function requiredOneOf(field: string, value: string | undefined, values: readonly string[]): FieldError[] {
  if (!value) return [required(field, validValues(values))];
  return values.includes(value) ? [] : [notSupported(field, value, values)];
}

/** What a Job does about pods that fail (`validatePodFailurePolicy`). */
export function validatePodFailurePolicy(field: string, { podFailurePolicy, template, backoffLimitPerIndex }: V1JobSpec): FieldError[] {
  if (!podFailurePolicy) return [];
  const rules = podFailurePolicy.rules ?? [];
  const { containers, initContainers } = template?.spec ?? {};
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > MAX_RULES ? [tooMany(`${field}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, index) => validateFailureRule(`${field}.rules[${index}]`, rule, names, backoffLimitPerIndex !== undefined)),
  ];
}

function validateFailureRule(field: string, { action, onExitCodes, onPodConditions = [] }: V1PodFailurePolicyRule, containers: ReadonlySet<string>, isPerIndex: boolean): FieldError[] {
  const errors = requiredOneOf(`${field}.action`, action, ACTIONS);
  if (action === 'FailIndex' && !isPerIndex) errors.push(invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes) append(errors, validateExitCodes(`${field}.onExitCodes`, onExitCodes, containers));
  if (onPodConditions.length > MAX_RULES) errors.push(tooMany(`${field}.onPodConditions`, onPodConditions.length, MAX_RULES));
  for (const [index, { type, status }] of onPodConditions.entries()) {
    const path = `${field}.onPodConditions[${index}]`;
    append(errors, labelName(`${path}.type`, type ?? ''), requiredOneOf(`${path}.status`, status, ['False', 'True', 'Unknown']));
  }
  if (onExitCodes && onPodConditions.length > 0) errors.push(wrong(field, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0) errors.push(wrong(field, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function validateExitCodes(field: string, requirement: V1PodFailurePolicyOnExitCodesRequirement, containers: ReadonlySet<string>): FieldError[] {
  const { operator, containerName } = requirement;
  const values = requirement.values ?? [];
  const errors = requiredOneOf(`${field}.operator`, operator, ['In', 'NotIn']);
  if (containerName !== undefined && !containers.has(containerName)) errors.push(invalid(`${field}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'));
  if (values.length === 0) errors.push(invalid(`${field}.values`, values, 'at least one value is required'));
  if (values.length > MAX_EXIT_CODES) errors.push(tooMany(`${field}.values`, values.length, MAX_EXIT_CODES));
  const isSame = repeats();
  for (const [index, value] of values.entries()) {
    const path = `${field}.values[${index}]`;
    if (operator === 'In' && value === 0) errors.push(invalid(path, value, 'must not be 0 for the In operator'));
    if (isSame(value)) errors.push(duplicate(path, value));
  }
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value)) errors.push(invalid(`${field}.values`, values, 'must be ordered'));
  return errors;
}

/** When an indexed Job counts as done before all its indexes are (`validateSuccessPolicy`). */
export function validateSuccessPolicy(field: string, { successPolicy, completionMode, completions }: V1JobSpec): FieldError[] {
  if (!successPolicy) return [];
  if (completionMode !== 'Indexed') return [invalid(field, internalForm('SuccessPolicy', successPolicy), 'requires indexed completion mode')];
  const rules = successPolicy.rules ?? [];
  return [
    ...(rules.length === 0 ? [required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')] : []),
    ...(rules.length > MAX_RULES ? [tooMany(`${field}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, index) => validateSuccessRule(`${field}.rules[${index}]`, rule, completions ?? 0)),
  ];
}

function validateSuccessRule(field: string, { succeededCount: count, succeededIndexes: indexes }: V1SuccessPolicyRule, completions: number): FieldError[] {
  const errors: FieldError[] = [];
  if (count === undefined && indexes === undefined) errors.push(required(field, 'at least one of succeededCount or succeededIndexes must be specified'));
  const counted = indexes === undefined ? { total: 0 } : countIndexes(indexes, completions);
  if (indexes !== undefined) {
    if (Buffer.byteLength(indexes) > MAX_INDEXES_BYTES) errors.push(tooLong(`${field}.succeededIndexes`, MAX_INDEXES_BYTES));
    if (counted.error !== undefined) errors.push(invalid(`${field}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted.error}`));
  }
  if (count === undefined) return errors;
  append(errors, nonNegative(`${field}.succeededCount`, count));
  if (count > completions) errors.push(invalid(`${field}.succeededCount`, count, `must be less than or equal to ${completions} (the number of specified completions)`));
  if (indexes !== undefined && count > counted.total) errors.push(invalid(`${field}.succeededCount`, count, `must be less than or equal to ${counted.total} (the number of indexes in the specified succeededIndexes field)`));
  return errors;
}
