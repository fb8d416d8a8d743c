import { BOOL, DYN } from '../../../api/cel/celType.ts';
import type { V1MutatingAdmissionPolicy } from '../../../api/generated/types.ts';
import { APPLY_CONFIGURATION, JSON_PATCH, mutationTypes } from '../../../api/kinds/admissionregistration/mutationTypes.ts';
import { policyEnvironment, policyProgram, policyVariables, type PolicyProgram, type PolicyVariable } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { matchCriteria, type MatchCriteria } from './matchResources.ts';

/** One change that a policy makes. */
export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly program: PolicyProgram;
}

/** A MutatingAdmissionPolicy with its expressions compiled. */
export interface MutatingPolicy {
  readonly criteria: MatchCriteria;
  readonly ignoresFailure: boolean;
  readonly conditions: readonly PolicyProgram[];
  readonly variables: readonly PolicyVariable[];
  readonly mutations: readonly Mutation[];
  readonly reinvokedIfNeeded: boolean;
}

const compiled = new WeakMap<V1MutatingAdmissionPolicy, MutatingPolicy>();

/** Compiles a policy, once for each version of it. */
export function mutatingPolicy(policy: V1MutatingAdmissionPolicy): MutatingPolicy {
  let known = compiled.get(policy);
  if (!known) compiled.set(policy, (known = compilePolicy(policy)));
  return known;
}

function compilePolicy({ spec = {} }: V1MutatingAdmissionPolicy): MutatingPolicy {
  const scope = { ...(spec.paramKind ? { params: DYN } : {}), hasAuthorizer: true };
  const variables = policyVariables(spec.variables ?? [], scope);
  const environment = policyEnvironment({ ...scope, variables: variables.types, constructs: mutationTypes });
  return {
    criteria: matchCriteria(spec.matchConstraints ?? {}),
    ignoresFailure: spec.failurePolicy === 'Ignore',
    conditions: (spec.matchConditions ?? []).map(({ expression }) => policyProgram(expression, policyEnvironment(scope), [BOOL])),
    variables: variables.compiled,
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) =>
      patchType === 'JSONPatch'
        ? { patchType, program: policyProgram(jsonPatch?.expression ?? '', environment, [JSON_PATCH]) }
        : { patchType: 'ApplyConfiguration', program: policyProgram(applyConfiguration?.expression ?? '', environment, [APPLY_CONFIGURATION]) },
    ),
    reinvokedIfNeeded: spec.reinvocationPolicy === 'IfNeeded',
  };
}
