import type { V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding, V1Mutation } from '../../generated/types.ts';
import { DYN } from '../../cel/celType.ts';
import type { CelType, Environment } from '../../cel/types.ts';
import { forbidden, notSupported, required, type FieldError } from '../../fieldError.ts';
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
    ...(spec.matchConstraints?.resourceRules ?? []).flatMap(({ operations = [] }, rule) => operations.flatMap((each, index) => (each === 'DELETE' ? [notSupported(`spec.matchConstraints.resourceRules[${rule}].operations[${index}]`, each, OPERATIONS)] : []))),
    ...validateMatchConditions('spec.matchConditions', spec.matchConditions ?? [], policyEnvironment(scope)),
    ...validateVariables('spec.variables', spec.variables ?? [], variables.compiled),
    ...((spec.mutations ?? []).length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...(spec.mutations ?? []).flatMap((mutation, index) => validateMutation(`spec.mutations[${index}]`, mutation, environment)),
    ...oneOf('spec.reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never']),
  ];
}

function validateMutation(field: string, { patchType, applyConfiguration, jsonPatch }: V1Mutation, environment: Environment): FieldError[] {
  const errors = oneOf(`${field}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']);
  if (patchType === 'ApplyConfiguration') errors.push(...validatePatch(field, 'applyConfiguration', applyConfiguration, patchType, environment, APPLY_CONFIGURATION));
  else if (applyConfiguration && errors.length === 0) errors.push(forbidden(`${field}.applyConfiguration`, 'must not be specified when patchType is not ApplyConfiguration'));
  if (patchType === 'JSONPatch') errors.push(...validatePatch(field, 'jsonPatch', jsonPatch, patchType, environment, JSON_PATCH));
  else if (jsonPatch && errors.length === 0) errors.push(forbidden(`${field}.jsonPatch`, 'must not be specified when patchType is not JSONPatch'));
  return errors;
}

function validatePatch(field: string, name: string, patch: { readonly expression?: string } | undefined, patchType: string, environment: Environment, result: CelType): FieldError[] {
  if (!patch) return [required(`${field}.${name}`, `must be specified when patchType is ${patchType}`)];
  if (!patch.expression?.trim()) return [required(`${field}.${name}.expression`, 'expression is not specified')];
  return validateExpression(`${field}.${name}.expression`, patch.expression, environment, [result]);
}

/** The field `matchResouces` is misspelt in Kubernetes' own messages. */
export function validateMutatingBinding({ spec }: IncomingObject<V1MutatingAdmissionPolicyBinding>): FieldError[] {
  return [...validatePolicyName('spec.policyName', spec?.policyName), ...validateParamRef('spec.paramRef', spec?.paramRef), ...validateMatchResources('spec.matchResouces', spec?.matchResources)];
}
