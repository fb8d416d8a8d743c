import { BOOL, DYN, NULL, STRING } from '../../../api/cel/celType.ts';
import type { V1ValidatingAdmissionPolicy } from '../../../api/generated/types.ts';
import { policyEnvironment, policyProgram, policyVariables, type PolicyProgram, type PolicyVariable } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { matchCriteria, type MatchCriteria } from './matchResources.ts';

/** One rule of a policy. */
export interface Validation {
  readonly expression: string;
  readonly program: PolicyProgram;
  readonly message: string;
  readonly messageProgram: PolicyProgram | undefined;
  readonly reason: string;
}

/** A ValidatingAdmissionPolicy with its expressions compiled. */
export interface ValidatingPolicy {
  readonly criteria: MatchCriteria;
  readonly ignoresFailure: boolean;
  readonly conditions: readonly PolicyProgram[];
  readonly variables: readonly PolicyVariable[];
  readonly validations: readonly Validation[];
  readonly annotations: readonly { readonly key: string; readonly expression: string; readonly program: PolicyProgram }[];
}

const compiled = new WeakMap<V1ValidatingAdmissionPolicy, ValidatingPolicy>();

/** Compiles a policy, once for each version of it. */
export function validatingPolicy(policy: V1ValidatingAdmissionPolicy): ValidatingPolicy {
  let known = compiled.get(policy);
  if (!known) compiled.set(policy, (known = compilePolicy(policy)));
  return known;
}

function compilePolicy({ spec = {} }: V1ValidatingAdmissionPolicy): ValidatingPolicy {
  const params = spec.paramKind ? { params: DYN } : {};
  const scope = { ...params, hasAuthorizer: true };
  const variables = policyVariables(spec.variables ?? [], scope);
  const environment = policyEnvironment({ ...scope, variables: variables.types });
  const messages = policyEnvironment({ ...params, variables: variables.types, hasAuthorizer: false });
  return {
    criteria: matchCriteria(spec.matchConstraints ?? {}),
    ignoresFailure: spec.failurePolicy === 'Ignore',
    conditions: (spec.matchConditions ?? []).map(({ expression }) => policyProgram(expression, environment, [BOOL])),
    variables: variables.compiled,
    validations: (spec.validations ?? []).map(({ expression, message, messageExpression, reason }) => ({
      expression,
      program: policyProgram(expression, environment, [BOOL]),
      message: message?.trim() ?? '',
      messageProgram: messageExpression ? policyProgram(messageExpression, messages, [STRING]) : undefined,
      reason: reason ?? 'Invalid',
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({ key, expression: valueExpression, program: policyProgram(valueExpression, environment, [STRING, NULL]) })),
  };
}
