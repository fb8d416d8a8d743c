import type { V1PolicyRule } from '../../api/generated/types.ts';

/** The parts of a request that a rule speaks of. */
export interface RuleQuestion {
  readonly verb: string;
  readonly isResourceRequest: boolean;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` where the request names none; a rule with `resourceNames` then does not apply. */
  readonly name: string;
  readonly path: string;
}

const ALL = '*';

/** Whether one rule allows what is asked (`rbac.RuleAllows`). */
export function ruleAllows(rule: V1PolicyRule, question: RuleQuestion): boolean {
  if (!verbMatches(rule, question.verb)) return false;
  if (!question.isResourceRequest) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, question.path));
  return groupMatches(rule, question.group) && resourceMatches(rule, question.resource, question.subresource) && nameMatches(rule, question.name);
}

export function rulesAllow(rules: readonly V1PolicyRule[] | undefined, question: RuleQuestion): boolean {
  return (rules ?? []).some((rule) => ruleAllows(rule, question));
}

const verbMatches = ({ verbs }: V1PolicyRule, verb: string): boolean => verbs.includes(ALL) || verbs.includes(verb);

const groupMatches = ({ apiGroups }: V1PolicyRule, group: string): boolean => apiGroups !== undefined && (apiGroups.includes(ALL) || apiGroups.includes(group));

const nameMatches = ({ resourceNames }: V1PolicyRule, name: string): boolean => !resourceNames || resourceNames.length === 0 || resourceNames.includes(name);

/** `pods`, `pods/log`, and a subresource of every resource as `*` + `/scale`. */
function resourceMatches({ resources }: V1PolicyRule, resource: string, subresource: string): boolean {
  if (!resources) return false;
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some((each) => each === ALL || each === wanted || (subresource !== '' && each === `*/${subresource}`));
}

/** An exact path, everything, or a prefix where the rule's URL ends with an asterisk. */
export function urlMatches(url: string, path: string): boolean {
  if (url === ALL || url === path) return true;
  return url.endsWith(ALL) && path.startsWith(url.replace(/\*+$/, ''));
}
