import type { V1RuleWithOperations } from '../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import { oneOfIfSet } from '../../validation/fields.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** What a rule of a webhook, or of an admission policy, applies to (`validateRuleWithOperations`). */
export function validateRule(field: string, { apiGroups = [], apiVersions = [], resources = [], operations = [], scope }: V1RuleWithOperations): FieldError[] {
  return [
    ...validateChoice(`${field}.operations`, operations, 'operations'),
    ...operations.flatMap((operation, index) => (OPERATIONS.includes(operation) ? [] : [notSupported(`${field}.operations[${index}]`, operation, OPERATIONS)])),
    ...validateChoice(`${field}.apiGroups`, apiGroups, 'API groups'),
    ...validateChoice(`${field}.apiVersions`, apiVersions, 'API versions'),
    ...apiVersions.flatMap((version, index) => (version === '' ? [required(`${field}.apiVersions[${index}]`)] : [])),
    ...validateResources(`${field}.resources`, resources),
    ...oneOfIfSet(`${field}.scope`, scope, ['*', 'Cluster', 'Namespaced']),
  ];
}

/** `*` stands for everything, so nothing may stand beside it. */
function validateChoice(field: string, values: readonly string[], what: string): FieldError[] {
  if (values.length === 0) return [required(field)];
  return values.length > 1 && values.includes('*') ? [invalid(field, values, `if '*' is present, must not specify other ${what}`)] : [];
}

/** Resources and subresources: what a wildcard covers is not named beside it, in the order in which they stand (`validateResources`). */
function validateResources(field: string, resources: readonly string[]): FieldError[] {
  if (resources.length === 0) return [required(field)];
  const [wholes, parts] = [new Set<string>(), new Set<string>()];
  const errors = resources.flatMap((name, index) => {
    const path = `${field}[${index}]`;
    if (name === '') return [required(path)];
    const slash = name.indexOf('/');
    if (slash < 0) return [];
    const [resource, subresource] = [name.slice(0, slash), name.slice(slash + 1)];
    const found = [
      ...(wholes.has(resource) ? [invalid(path, name, `if '${resource}/*' is present, must not specify ${name}`)] : []),
      ...(parts.has(subresource) ? [invalid(path, name, `if '*/${subresource}' is present, must not specify ${name}`)] : []),
    ];
    if (subresource === '*') wholes.add(resource);
    if (resource === '*') parts.add(subresource);
    return found;
  });
  if (resources.length > 1 && resources.includes('*/*')) errors.push(invalid(field, resources, "if '*/*' is present, must not specify other resources"));
  // Only the last of those without a subresource counts there.
  const last = resources.findLast((name) => name !== '' && !name.includes('/'));
  if (resources.includes('*') && last !== undefined && last !== '*') errors.push(invalid(field, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}
