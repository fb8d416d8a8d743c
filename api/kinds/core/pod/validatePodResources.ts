import type { V1PodSpec } from '../../../generated/types.ts';
import { forbidden, invalid, type FieldError } from '../../../fieldError.ts';
import { isHugePages, validatePodLevelRequirements } from '../../../validation/resources.ts';
import { podLimits, podRequests } from '../../../values/podResources.ts';
import { compareQuantities, formatQuantity, quantityOrZero, type Quantity } from '../../../values/quantity.ts';
import { ownField } from '../../../values/ownField.ts';

/** What the pod as a whole asks for and may use, against what its containers do (`validatePodResources`). */
export function validatePodResources(field: string, spec: V1PodSpec): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbidden(field, 'may not be set for a windows pod')];
  const claims = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => name || []));
  return [
    ...(resources.claims ? [forbidden(`${field}.claims`, 'claims cannot be set for Resources at pod-level')] : []),
    ...validatePodLevelRequirements(field, resources, claims),
    ...validateConsistency(field, spec),
  ];
}

function validateConsistency(field: string, spec: V1PodSpec): FieldError[] {
  const { resources, overhead: _, ...ofContainers } = spec;
  const pages = [...podLimits(ofContainers)].filter(([name]) => isHugePages(name));
  const errors = [
    ...[...podRequests(ofContainers)].flatMap(([name, sum]) => enough(`${field}.requests[${name}]`, ownField(resources?.requests, name), 'requests', sum)),
    ...pages.flatMap(([name, sum]) => enough(`${field}.limits[${name}]`, ownField(resources?.limits, name), 'limits', sum)),
  ];
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(container.resources?.limits ?? {})) {
      const most = ownField(resources?.limits, name);
      const limit = quantityOrZero(text);
      if (most === undefined || compareQuantities(limit, quantityOrZero(most)) <= 0) continue;
      errors.push(invalid(`${field}.containers[${index}][${name}].limits`, formatQuantity(limit), `must be less than or equal to pod limits of ${formatQuantity(quantityOrZero(most))}`));
    }
  }
  return errors;
}

/** What is not said of the pod is for its containers alone. */
function enough(field: string, text: string | undefined, list: string, sum: Quantity): FieldError[] {
  const amount = quantityOrZero(text);
  return text === undefined || compareQuantities(sum, amount) <= 0 ? [] : [invalid(field, formatQuantity(amount), `must be greater than or equal to aggregate container ${list} of ${formatQuantity(sum)}`)];
}
