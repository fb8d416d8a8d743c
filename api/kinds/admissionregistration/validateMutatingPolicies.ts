import type { V1MatchResources, V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding, V1Mutation } from '../../generated/types.ts';
import { DYN } from '../../cel/celType.ts';
import type { CelType, Environment } from '../../cel/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { oneOf } from '../../validation/fields.ts';
import { APPLY_CONFIGURATION, JSON_PATCH, mutationTypes } from './mutationTypes.ts';
import { policyEnvironment, policyVariables } from './policyExpressions.ts';
import { validateExpression, validateMatchConditions, validateMatchConstraints, validateMatchResources, validateParamKind, validateParamRef, validatePolicyName, validateVariables } from './validatePolicyMatch.ts';

/** Nothing is left to change of what is deleted. */
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** A MutatingAdmissionPolicy, with all of its expressions compiled. */
export function validateMutatingPolicy({ spec = {} }: IncomingObject<V1MutatingAdmissionPolicy>): FieldError[] {
  const scope = { ...(spec.paramKind ? { params: DYN } : {}), hasAuthorizer: true };
  const variables = policyVariables(spec.variables ?? [], scope);
  const composed = (spec.variables ?? []).length > 0 ? { variables: variables.types } : {};
  const environment = policyEnvironment({ ...scope, ...composed, constructs: mutationTypes });
  return [
    ...oneOf('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']),
    ...(spec.paramKind ? validateParamKind('spec.paramKind', spec.paramKind) : []),
    ...validateMatchConstraints('spec.matchConstraints', spec.matchConstraints),
    ...validateOperations('spec.matchConstraints.resourceRules.operations', spec.matchConstraints),
    ...validateMatchConditions('spec.matchConditions', spec.matchConditions ?? [], policyEnvironment(scope)),
    ...validateVariables('spec.variables', spec.variables ?? [], variables.compiled),
    ...((spec.mutations ?? []).length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...(spec.mutations ?? []).flatMap((mutation, index) => validateMutation(`spec.mutations[${index}]`, mutation, environment)),
    ...oneOf('spec.reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never']),
  ];
}

/** Their place is named without an index. */
function validateOperations(field: string, match: V1MatchResources | undefined): FieldError[] {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return operations.flatMap((each) => (OPERATIONS.includes(each) ? [] : [notSupported(field, each, OPERATIONS)]));
}

function validateMutation(field: string, { patchType, applyConfiguration, jsonPatch }: V1Mutation, environment: Environment): FieldError[] {
  switch (patchType) {
    case 'ApplyConfiguration':
      return [...validatePatch(field, 'applyConfiguration', applyConfiguration, patchType, environment, APPLY_CONFIGURATION), ...validateAbsent(field, 'jsonPatch', jsonPatch, patchType)];
    case 'JSONPatch':
      return [...validatePatch(field, 'jsonPatch', jsonPatch, patchType, environment, JSON_PATCH), ...validateAbsent(field, 'applyConfiguration', applyConfiguration, patchType)];
    default:
      return oneOf(`${field}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']);
  }
}

function validatePatch(field: string, name: string, patch: { readonly expression?: string } | undefined, patchType: string, environment: Environment, result: CelType): FieldError[] {
  if (!patch) return [required(`${field}.${name}`, `must be specified when patchType is ${patchType}`)];
  const expression = patch.expression?.trim() ?? '';
  return expression === '' ? [required(`${field}.${name}.expression`)] : validateExpression(`${field}.${name}.expression`, expression, environment, [result]);
}

const validateAbsent = (field: string, name: string, patch: object | undefined, patchType: string): FieldError[] =>
  patch ? [invalid(`${field}.${name}`, `{${name}}`, `must not be specified when patchType is ${patchType}`)] : [];

export function validateMutatingBinding({ spec }: IncomingObject<V1MutatingAdmissionPolicyBinding>): FieldError[] {
  return [
    ...validatePolicyName('spec.policyName', spec?.policyName),
    ...validateParamRef('spec.paramRef', spec?.paramRef),
    ...validateMatchResources('spec.matchResources', spec?.matchResources),
    ...validateOperations('spec.matchResources.resourceRules.operations', spec?.matchResources),
  ];
}
