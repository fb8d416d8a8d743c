import type { V1ExpressionWarning, V1NamedRuleWithOperations, V1ValidatingAdmissionPolicy } from '../../generated/types.ts';
import { compile } from '../../cel/compile.ts';
import type { CelType } from '../../cel/types.ts';
import { policyEnvironment, policyVariables } from './policyExpressions.ts';

/** A kind whose objects a policy may see. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Undefined where nothing is known of its fields. */
  readonly type: () => CelType | undefined;
}

/** Most kinds against which a policy is checked. */
const MAX_KINDS = 10;

/**
 * What in a policy's expressions does not fit the kinds that it names (upstream's `TypeChecker`): it may still be right, as types are not all known, and a policy is
 * in force whatever is found here. None where it names its kinds by wildcards only.
 */
export function expressionWarnings({ spec = {} }: V1ValidatingAdmissionPolicy, kinds: readonly CheckedKind[]): V1ExpressionWarning[] {
  const { apiVersion, kind } = spec.paramKind ?? {};
  const params = kinds.find((each) => apiVersionOf(each) === apiVersion && each.kind === kind)?.type();
  const checked = kindsToCheck(spec.matchConstraints?.resourceRules ?? [], kinds).flatMap((each) => {
    const object = each.type();
    if (!object) return [];
    const scope = { object, ...(params ? { params } : {}), hasAuthorizer: true };
    return [{ name: `${apiVersionOf(each, true)}, Kind=${each.kind}`, environment: policyEnvironment({ ...scope, variables: policyVariables(spec.variables ?? [], scope).types }) }];
  });
  const warningOf = (fieldRef: string, expression: string): V1ExpressionWarning[] => {
    const faults = checked.flatMap(({ name, environment }) => {
      const compiled = compile(expression, environment);
      return compiled.ok ? [] : [`${name}: ${compiled.message}\n`];
    });
    return faults.length > 0 ? [{ fieldRef, warning: faults.join('\n') }] : [];
  };
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...warningOf(`spec.validations[${index}].expression`, expression),
    ...(messageExpression ? warningOf(`spec.validations[${index}].messageExpression`, messageExpression) : []),
  ]);
}

/** `apps/v1`; of the core group `v1`, or `/v1` as Go shows it. */
const apiVersionOf = ({ group, version }: Pick<CheckedKind, 'group' | 'version'>, withSlash = false): string => (group === '' && !withSlash ? version : `${group}/${version}`);

/** The kinds that rules name without a wildcard; subresources have kinds of their own, and are left out. */
function kindsToCheck(rules: readonly V1NamedRuleWithOperations[], kinds: readonly CheckedKind[]): CheckedKind[] {
  const found = new Set<CheckedKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    for (const each of kinds) if (apiGroups.includes(each.group) && apiVersions.includes(each.version) && resources.includes(each.plural) && !isWild(apiGroups) && !isWild(apiVersions)) found.add(each);
  }
  const order = (each: CheckedKind): string => `${each.group}\0${each.version}\0${each.kind}`;
  return [...found].slice(0, MAX_KINDS).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const isWild = (texts: readonly string[]): boolean => texts.some((each) => each.includes('*'));
