import type { RequestInfo, UserInfo } from '../types.ts';

export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

/** `Policy` of `audit.k8s.io/v1`. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly { readonly group?: string; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** What is written of one request. */
export interface AuditVerdict {
  readonly level: AuditLevel;
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

const NOTHING: AuditVerdict = { level: 'None', omitStages: [], omitManagedFields: false };

/** What the first rule that matches says; nothing is written of what none matches. An unknown user is one whose authentication failed. */
export function evaluatePolicy(policy: AuditPolicy, info: RequestInfo, user: UserInfo | undefined): AuditVerdict {
  const rule = policy.rules.find((each) => matches(each, info, user));
  if (!rule || rule.level === 'None') return NOTHING;
  return { level: rule.level, omitStages: [...(policy.omitStages ?? []), ...(rule.omitStages ?? [])], omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false };
}

function matches(rule: AuditRule, info: RequestInfo, user: UserInfo | undefined): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule;
  if (users?.length && !(user && users.includes(user.name))) return false;
  if (userGroups?.length && !user?.groups.some((group) => userGroups.includes(group))) return false;
  if (verbs?.length && !verbs.includes(info.verb)) return false;
  if (namespaces?.length || resources?.length) return matchesResource(rule, info);
  if (nonResourceURLs?.length) return !info.isResourceRequest && nonResourceURLs.some((url) => url === '*' || url === info.path || (url.endsWith('*') && info.path.startsWith(url.slice(0, -1))));
  return true;
}

function matchesResource({ namespaces, resources }: AuditRule, info: RequestInfo): boolean {
  if (!info.isResourceRequest) return false;
  if (namespaces?.length && !namespaces.includes(info.namespace)) return false;
  if (!resources?.length) return true;
  const combined = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return resources.some(({ group = '', resources: names = [], resourceNames = [] }) => {
    if (group !== '*' && group !== info.group) return false;
    if (names.length === 0) return true;
    if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
    return names.some((name) => name === combined || name === '*' || (info.subresource !== '' && name === `*/${info.subresource}`) || name === `${info.resource}/*`);
  });
}
