import type { V1Affinity, V1NodeSelectorRequirement, V1NodeSelectorTerm, V1PodAffinity, V1PodAffinityTerm } from '../../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, ofEach, required } from '../../../fieldError.ts';
import { invalidEach, labelName } from '../../../validation/fields.ts';
import { validateLabelSelector } from '../../../validation/labels.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateLabelValue } from '../../../validation/names.ts';

const WEIGHT_MESSAGE = 'must be in the range 1-100';

export function validateAffinity(field: string, affinity: V1Affinity | undefined): FieldError[] {
  if (!affinity) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const errors: FieldError[] = [];
  if (nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) {
    append(errors, validateNodeSelectorTerms(`${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`, nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms));
  }
  for (const [index, { weight, preference }] of (nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    append(errors, validateWeight(`${path}.weight`, weight), validateNodeSelectorTerm(`${path}.preference`, preference, false));
  }
  if (podAffinity) append(errors, validatePodAffinity(`${field}.podAffinity`, podAffinity));
  if (podAntiAffinity) append(errors, validatePodAffinity(`${field}.podAntiAffinity`, podAntiAffinity));
  return errors;
}

function validateWeight(field: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalid(field, weight ?? 0, WEIGHT_MESSAGE)];
}

/** A node selector; `field` is the path of the selector, not of its terms. */
export function validateNodeSelectorTerms(field: string, terms: readonly V1NodeSelectorTerm[] | undefined): FieldError[] {
  if (!terms?.length) return [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => validateNodeSelectorTerm(`${field}.nodeSelectorTerms[${index}]`, term, true));
}

/** Only where a term must hold are values looked at: a wish that no label can fulfil does no harm. */
function validateNodeSelectorTerm(field: string, term: V1NodeSelectorTerm | undefined, mustHold: boolean): FieldError[] {
  return [
    ...(term?.matchExpressions ?? []).flatMap((each, index) => validateNodeRequirement(`${field}.matchExpressions[${index}]`, each, mustHold)),
    ...ofEach(`${field}.matchFields`, term?.matchFields, validateFieldRequirement),
  ];
}

function validateNodeRequirement(field: string, { key, operator, values = [] }: V1NodeSelectorRequirement, mustHold: boolean): FieldError[] {
  const errors: FieldError[] = [];
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  append(errors, labelName(`${field}.key`, key ?? ''));
  if (mustHold) for (const [index, value] of values.entries()) append(errors, invalidEach(`${field}.values[${index}]`, value, validateLabelValue(value)));
  return errors;
}

function validateFieldRequirement(field: string, { key, operator, values = [] }: V1NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  else if (values.length !== 1) errors.push(required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (key !== 'metadata.name') return [...errors, invalid(`${field}.key`, key, 'not a valid field selector key')];
  for (const [index, value] of values.entries()) append(errors, invalidEach(`${field}.values[${index}]`, value, validateDns1123Subdomain(value)));
  return errors;
}

function validatePodAffinity(field: string, affinity: V1PodAffinity): FieldError[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: must = [], preferredDuringSchedulingIgnoredDuringExecution: should = [] } = affinity;
  const errors = ofEach(`${field}.requiredDuringSchedulingIgnoredDuringExecution`, must, validatePodTerm);
  for (const [index, { weight, podAffinityTerm }] of should.entries()) {
    const path = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    append(errors, validateWeight(`${path}.weight`, weight), validatePodTerm(`${path}.podAffinityTerm`, podAffinityTerm));
  }
  return errors;
}

function validatePodTerm(field: string, term: Partial<V1PodAffinityTerm> = {}): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  return [
    ...validateLabelSelector(`${field}.labelSelector`, labelSelector),
    ...validateLabelSelector(`${field}.namespaceSelector`, namespaceSelector),
    ...namespaces.flatMap((name) => invalidEach(`${field}.namespace`, name, validateDns1123Label(name))),
    ...validateLabelKeys(field, term),
    ...(topologyKey ? [] : [required(`${field}.topologyKey`, 'can not be empty')]),
    ...labelName(`${field}.topologyKey`, topologyKey ?? ''),
  ];
}

/**
 * Labels that other pods must share with this one, or must not (`validateMatchLabelKeysAndMismatchLabelKeys`). By now the keys stand in the selector,
 * too, so that only one that stands there twice was given twice.
 */
export function validateLabelKeys(field: string, { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: Pick<Partial<V1PodAffinityTerm>, 'matchLabelKeys' | 'mismatchLabelKeys' | 'labelSelector'>): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length > 0 && !labelSelector) errors.push(forbidden(`${field}.${name}`, 'must not be specified when labelSelector is not set'));
    else for (const [index, key] of keys.entries()) append(errors, labelName(`${field}.${name}[${index}]`, key));
  }
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0 && seen.has(key)) errors.push(invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    seen.add(key);
  }
  for (const [index, key] of matchLabelKeys.entries()) if (mismatchLabelKeys.includes(key)) errors.push(invalid(`${field}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  return errors;
}
