import type { V1PodSchedulingGate, V1Toleration, V1TopologySpreadConstraint } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, invalid, notSupported, ofEach, required } from '../../../fieldError.ts';
import { invalidEach, labelName, oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { validateLabelSelector } from '../../../validation/labels.ts';
import { validateLabelValue, validateQualifiedName } from '../../../validation/names.ts';
import { validateLabelKeys } from './validateAffinity.ts';

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(field: string, tolerations: readonly V1Toleration[] | undefined): FieldError[] {
  return ofEach(field, tolerations, validateToleration);
}

function validateToleration(field: string, toleration: V1Toleration): FieldError[] {
  const { key, operator, value = '', effect, tolerationSeconds } = toleration;
  const errors = key ? labelName(`${field}.key`, key) : [];
  if (!key && operator !== 'Exists') errors.push(invalid(`${field}.operator`, operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') errors.push(invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  if (!operator || operator === 'Equal') {
    const messages = validateLabelValue(value);
    if (messages.length > 0) errors.push(invalid(`${field}.operator`, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else {
    errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']));
  }
  return effect ? [...errors, ...oneOf(`${field}.effect`, effect, TAINT_EFFECTS)] : errors;
}

export function validateTopologySpread(field: string, constraints: readonly V1TopologySpreadConstraint[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const all = constraints ?? [];
  const kindOf = ({ topologyKey, whenUnsatisfiable }: V1TopologySpreadConstraint): string => JSON.stringify([topologyKey, whenUnsatisfiable]);
  const last = new Map(all.map((each, index) => [kindOf(each), index]));
  for (const [index, constraint] of all.entries()) {
    const path = `${field}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector, matchLabelKeys = [] } = constraint;
    if (!(maxSkew > 0)) errors.push(invalid(`${path}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(whenUnsatisfiable)) errors.push(notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']));
    // Told of all but the last of those that are alike.
    const isRepeated = last.get(kindOf(constraint)) !== index;
    if (isRepeated) errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(`${path}.minDomains`, minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        errors.push(invalid(`${path}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`));
      }
    }
    append(errors, oneOfIfSet(`${path}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, ['Honor', 'Ignore']));
    append(errors, oneOfIfSet(`${path}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, ['Honor', 'Ignore']));
    append(errors, validateLabelKeys(path, { matchLabelKeys, labelSelector }), validateLabelSelector(`${path}.labelSelector`, labelSelector));
  }
  return errors;
}

export function validateSchedulingGates(field: string, gates: readonly V1PodSchedulingGate[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name }] of (gates ?? []).entries()) {
    append(errors, invalidEach(`${field}[${index}]`, name, validateQualifiedName(name ?? '')));
    if (names.has(name)) errors.push(duplicate(`${field}[${index}]`, name));
    names.add(name);
  }
  return errors;
}
