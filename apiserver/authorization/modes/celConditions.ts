import { BOOL, formatType, listOf, mapOf, objectType, sameType, STRING } from '../../../api/cel/celType.ts';
import { compile } from '../../../api/cel/compile.ts';
import { fromAnyJson } from '../../../api/cel/fromJson.ts';
import { type Environment, MATCH_CONDITIONS_BUDGET, type Program } from '../../../api/cel/types.ts';
import type { V1SubjectAccessReviewSpec } from '../../../api/generated/types.ts';
import type { AuthorizationAttributes } from '../../types.ts';
import type { ConditionLanguage, MatchConditions } from './matchConditions.ts';

const REQUIREMENTS = listOf(objectType('kubernetes.SelectorRequirement', { key: STRING, operator: STRING, values: listOf(STRING) }));
const RESOURCE_ATTRIBUTES = objectType('kubernetes.ResourceAttributes', {
  namespace: STRING,
  verb: STRING,
  group: STRING,
  version: STRING,
  resource: STRING,
  subresource: STRING,
  name: STRING,
  fieldSelector: objectType('kubernetes.FieldSelectorAttributes', { rawSelector: STRING, requirements: REQUIREMENTS }),
  labelSelector: objectType('kubernetes.LabelSelectorAttributes', { rawSelector: STRING, requirements: REQUIREMENTS }),
});

/** `request` is the specification of a SubjectAccessReview (`authorization/cel`). */
const ENVIRONMENT: Environment = {
  variables: {
    request: objectType('kubernetes.SubjectAccessReviewSpec', {
      resourceAttributes: RESOURCE_ATTRIBUTES,
      nonResourceAttributes: objectType('kubernetes.NonResourceAttributes', { path: STRING, verb: STRING }),
      user: STRING,
      groups: listOf(STRING),
      extra: mapOf(STRING, listOf(STRING)),
      uid: STRING,
    }),
  },
};

/** CEL over what is asked of an authorizer. */
export const conditionLanguage: ConditionLanguage = {
  fault(expression) {
    const compiled = compile(expression, ENVIRONMENT);
    if (!compiled.ok) return compiled.fault;
    const { resultType } = compiled.program;
    return sameType(resultType, BOOL) ? undefined : `must evaluate to ${formatType(BOOL)} but got ${formatType(resultType)}`;
  },
  conditions(expressions) {
    return new CelConditions(
      expressions.map((expression) => {
        const compiled = compile(expression, ENVIRONMENT);
        if (!compiled.ok) throw new Error(compiled.message);
        return compiled.program;
      }),
    );
  },
};

class CelConditions implements MatchConditions {
  readonly #programs: readonly Program[];

  constructor(programs: readonly Program[]) {
    this.#programs = programs;
  }

  /** One that does not hold decides, whatever went wrong with others (`CELMatcher.Eval`). */
  *match(attributes: AuthorizationAttributes, spec: V1SubjectAccessReviewSpec): Generator<void, { readonly matches: boolean } | { readonly error: string }> {
    const request = fromAnyJson(complete(attributes, spec));
    const budget = { remaining: MATCH_CONDITIONS_BUDGET };
    const errors: string[] = [];
    for (const program of this.#programs) {
      const outcome = yield* program.evaluation({ request }, budget);
      if (!outcome.ok) errors.push(`cel evaluation error: expression '${program.text}' resulted in error: ${outcome.message}`);
      else if (outcome.value === false) return { matches: false };
    }
    if (errors.length === 0) return { matches: true };
    return { error: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` };
  }
}

/** Expressions may name every attribute, also those that a review leaves out. */
function complete({ user, isResourceRequest, path, verb, namespace, group, version, resource, subresource, name }: AuthorizationAttributes, { resourceAttributes }: V1SubjectAccessReviewSpec): object {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {};
  return {
    user: user.name,
    groups: user.groups,
    uid: user.uid ?? '',
    extra: user.extra ?? {},
    ...(isResourceRequest ? { resourceAttributes: { namespace, verb, group, version, resource, subresource, name, ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) } } : { nonResourceAttributes: { path, verb } }),
  };
}
