import { parse } from 'yaml';
import { invalid, notSupported } from '../../api/fieldError.ts';
import type { FieldError } from '../../api/fieldError.ts';
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

/** A policy that cannot be used. */
export class AuditPolicyError extends Error {}

const LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const LISTS = ['users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages'] as const;
const RULE_FIELDS: readonly string[] = ['level', 'omitManagedFields', ...LISTS];

/** Reads the text of `--audit-policy-file`; `file` is its path. */
export function parseAuditPolicy(text: string, file: string): AuditPolicy {
  let policy: unknown;
  try {
    policy = parse(text);
  } catch (error) {
    throw new AuditPolicyError(`failed decoding: ${String(error)}: from file ${file}`, { cause: error });
  }
  if (!isRecord(policy) || policy['apiVersion'] !== 'audit.k8s.io/v1' || policy['kind'] !== 'Policy') {
    throw new AuditPolicyError(`unknown group version field ${isRecord(policy) ? String(policy['apiVersion']) : 'undefined'} in policy file ${file}`);
  }
  const rules = policy['rules'] ?? [];
  if (!Array.isArray(rules)) throw new AuditPolicyError(`failed decoding: rules: must be a list: from file ${file}`);
  if (rules.length === 0) throw new AuditPolicyError(`loaded illegal policy with 0 rules from file ${file}`);
  const errors = [...rules.flatMap((rule, at) => ruleErrors(rule, `rules[${at}]`)), ...stageErrors(policy['omitStages'], 'omitStages')];
  if (errors.length > 0) throw new AuditPolicyError(`${errors.map(({ field, message }) => `${field}: ${message}`).join(', ')} from file ${file}`);
  return policy as unknown as AuditPolicy;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function ruleErrors(rule: unknown, path: string): FieldError[] {
  if (!isRecord(rule)) return [invalid(path, rule, 'must be an object')];
  const unknown = Object.keys(rule).filter((name) => !RULE_FIELDS.includes(name));
  if (unknown.length > 0) return [invalid(path, unknown, 'unknown fields')];
  const wrong = LISTS.filter((name) => rule[name] !== undefined && rule[name] !== null && !Array.isArray(rule[name]));
  if (wrong.length > 0) return wrong.map((name) => invalid(`${path}.${name}`, rule[name], 'must be a list'));
  const errors = LEVELS.some((level) => level === rule['level']) ? [] : [notSupported(`${path}.level`, rule['level'] ?? '', LEVELS)];
  errors.push(...stageErrors(rule['omitStages'], `${path}.omitStages`));
  const urls = (rule['nonResourceURLs'] ?? []) as unknown[];
  if (urls.length > 0 && (isFilled(rule['resources']) || isFilled(rule['namespaces']))) {
    errors.push(invalid(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
  }
  urls.forEach((url, at) => {
    if (url === '*') return;
    if (typeof url !== 'string' || !url.startsWith('/')) errors.push(invalid(`${path}.nonResourceURLs[${at}]`, url, 'non-resource URL rules must begin with a \'/\' character'));
    else if (url.slice(0, -1).includes('*')) errors.push(invalid(`${path}.nonResourceURLs[${at}]`, url, 'non-resource URL wildcards \'*\' must be the final character of the rule'));
  });
  ((rule['resources'] ?? []) as AuditRule['resources'])?.forEach(({ resources = [], resourceNames = [] }, at) => {
    if (resources.length === 0 && resourceNames.length > 0) errors.push(invalid(`${path}.resources[${at}].resourceNames`, resourceNames, 'using resourceNames requires at least one resource'));
  });
  return errors;
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

function stageErrors(stages: unknown, path: string): FieldError[] {
  if (!Array.isArray(stages)) return [];
  return (stages as unknown[]).flatMap((stage, at) => (STAGES.some((known) => known === stage) ? [] : [invalid(`${path}[${at}]`, stage, `allowed stages are ${STAGES.join(',')}`)]));
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
    if (group !== info.group) return false;
    if (names.length === 0) return true;
    if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
    return names.some((name) => name === combined || name === '*' || (info.subresource !== '' && name === `*/${info.subresource}`) || name === `${info.resource}/*`);
  });
}
