import type { V1Container, V1ContainerResizePolicy } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../../fieldError.ts';
import { oneOf } from '../../../validation/fields.ts';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const ACTIONS = ['Restart', 'RestartAllContainers'];

/** When a container by itself is started again, whatever the pod says (`validateContainerRestartPolicy`). */
export function validateRestartRules(field: string, { restartPolicy, restartPolicyRules: rules = [] }: V1Container): FieldError[] {
  const errors: FieldError[] = [];
  if (restartPolicy === undefined) {
    if (rules.length > 0) errors.push(required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(notSupported(`${field}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  }
  if (rules.length > MAX_RULES) errors.push(tooMany(`${field}.restartPolicyRules`, rules.length, MAX_RULES));
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const path = `${field}.restartPolicyRules[${index}]`;
    if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action ?? '', ACTIONS));
    if (!exitCodes) {
      errors.push(required(`${path}.exitCodes`, 'must be specified'));
      continue;
    }
    if (exitCodes.operator !== 'In' && exitCodes.operator !== 'NotIn') errors.push(notSupported(`${path}.exitCodes.operator`, exitCodes.operator ?? '', ['In', 'NotIn']));
    const count = exitCodes.values?.length ?? 0;
    if (count > MAX_EXIT_CODES) errors.push(tooMany(`${path}.exitCodes.values`, count, MAX_EXIT_CODES));
  }
  return errors;
}

/** Whether new resources mean a new start (`validateResizePolicy`); apart from duplicates, Kubernetes names the list only. */
export function validateResizePolicy(field: string, policies: readonly V1ContainerResizePolicy[] | undefined, podRestartPolicy: string | undefined): FieldError[] {
  const seen = new Set<string>();
  return (policies ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const errors = seen.has(resourceName) ? [duplicate(`${field}[${index}]`, resourceName)] : [];
    seen.add(resourceName);
    append(errors, oneOf(field, resourceName, ['cpu', 'memory']), oneOf(field, restartPolicy, ['NotRequired', 'RestartContainer']));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') errors.push(invalid(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return errors;
  });
}

