import type { V1PodSpec } from '../../../generated/types.ts';
import { forbidden, invalid, type FieldError } from '../../../fieldError.ts';
import { validatePodLevelRequirements } from '../../../validation/resources.ts';
import { podRequests } from '../../../values/podResources.ts';
import { compareQuantities, formatQuantity, quantityOrZero } from '../../../values/quantity.ts';

/** What the pod as a whole asks for and may use, against what its containers do (`validatePodResources`). */
export function validatePodResources(field: string, spec: V1PodSpec): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const claims = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => name || []));
  return [
    ...(resources.claims ? [forbidden(`${field}.claims`, 'claims cannot be set for Resources at pod-level')] : []),
    ...validatePodLevelRequirements(field, resources, claims),
    ...validateConsistency(field, spec),
  ];
}

function validateConsistency(field: string, spec: V1PodSpec): FieldError[] {
  const { resources, overhead: _, ...ofContainers } = spec;
  const errors: FieldError[] = [];
  for (const [name, sum] of podRequests(ofContainers)) {
    const asked = quantityOrZero(resources?.requests?.[name]);
    // What cannot be asked for the pod as a whole is for its containers alone.
    if (resources?.requests?.[name] === undefined && !isPodLevel(name)) continue;
    if (compareQuantities(sum, asked) > 0) errors.push(invalid(`${field}.requests[${name}]`, formatQuantity(asked), `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`));
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(container.resources?.limits ?? {})) {
      const most = resources?.limits?.[name];
      const limit = quantityOrZero(text);
      if (most === undefined || compareQuantities(limit, quantityOrZero(most)) <= 0) continue;
      errors.push(invalid(`${field}.containers[${index}][${name}].limits`, formatQuantity(limit), `must be less than or equal to pod limits of ${formatQuantity(quantityOrZero(most))}`));
    }
  }
  return errors;
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
