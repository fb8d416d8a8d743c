import { parse } from 'yaml';
import { type FieldError, invalid, notSupported, required } from '../../api/fieldError.ts';
import { validateDns1123Subdomain } from '../../api/validation/names.ts';
import { describeFaults } from '../configFile/describeFaults.ts';
import type { AuditLevel, AuditPolicy, AuditRule, AuditStage } from './auditPolicy.ts';

/** A policy that cannot be used. */
export class AuditPolicyError extends Error {}

const LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const TEXTS = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages'] as const;
const RULE_FIELDS: readonly string[] = ['level', 'omitManagedFields', 'resources', ...TEXTS];
const GROUP_FIELDS = ['group', 'resources', 'resourceNames'];
const POLICY_FIELDS = ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'];

type Fields = Readonly<Record<string, unknown>>;

/** Reads the text of `--audit-policy-file`; `file` is its path. What it says beyond a policy is passed over, and told to `warn`. Throws an AuditPolicyError. */
export function readAuditPolicy(text: string, file: string, warn: (message: string) => void = () => undefined): AuditPolicy {
  const fail = (message: string): never => {
    throw new AuditPolicyError(`${message}: from file ${file}`);
  };
  const policy = yamlOf(text, fail);
  const { apiVersion = '', kind = '' } = policy as { readonly apiVersion?: string; readonly kind?: string };
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') fail(`unknown group version field ${apiVersion}, Kind=${kind} in policy`);
  const rules = policy['rules'] ?? [];
  const shape = shapeFault(policy, rules);
  if (shape !== undefined) fail(`failed lenient decoding: ${shape}`);
  const found = policy as unknown as AuditPolicy;
  const unknown = unknownFields(policy, rules as Fields[]);
  if (unknown.length > 0) warn(`Audit policy contains errors, falling back to lenient decoding: strict decoding error: ${unknown.map((each) => `unknown field ${JSON.stringify(each)}`).join(', ')}`);
  const errors = [...stageErrors(found.omitStages, 'omitStages'), ...(rules as AuditRule[]).flatMap((rule, at) => ruleErrors(rule, `rules[${at}]`))];
  if (errors.length > 0) fail(describeFaults(errors));
  if ((rules as unknown[]).length === 0) fail('loaded illegal policy with 0 rules');
  return found;
}

function yamlOf(text: string, fail: (message: string) => never): Fields {
  try {
    const policy: unknown = parse(text);
    return isRecord(policy) ? policy : {};
  } catch (error) {
    return fail(`failed decoding: ${String(error)}`);
  }
}

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.every((each) => typeof each === 'string'));

/** What is of another form than a policy's. */
function shapeFault(policy: Fields, rules: unknown): string | undefined {
  if (!Array.isArray(rules) || !rules.every(isRecord)) return 'rules: must be a list of rules';
  if (!isTexts(policy['omitStages'])) return 'omitStages: must be a list of strings';
  for (const [at, rule] of rules.entries()) {
    const wrong = TEXTS.find((name) => !isTexts(rule[name]));
    if (wrong !== undefined) return `rules[${at}].${wrong}: must be a list of strings`;
    const groups = rule['resources'] ?? [];
    if (!Array.isArray(groups) || !groups.every((each) => isRecord(each) && isTexts(each['resources']) && isTexts(each['resourceNames']) && typeof (each['group'] ?? '') === 'string')) return `rules[${at}].resources: must be a list of groups of resources`;
  }
  return undefined;
}

function unknownFields(policy: Fields, rules: readonly Fields[]): string[] {
  const beyond = (value: Fields, known: readonly string[], path: string): string[] => Object.keys(value).flatMap((name) => (known.includes(name) ? [] : [`${path}${name}`]));
  return [
    ...beyond(policy, POLICY_FIELDS, ''),
    ...rules.flatMap((rule, at) => [...beyond(rule, RULE_FIELDS, `rules[${at}].`), ...((rule['resources'] ?? []) as Fields[]).flatMap((group, index) => beyond(group, GROUP_FIELDS, `rules[${at}].resources[${index}].`))]),
  ];
}

function ruleErrors(rule: AuditRule, path: string): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const errors = [...levelErrors(rule.level, `${path}.level`), ...urls.flatMap((url, at) => urlErrors(url, `${path}.nonResourceURLs[${at}]`)), ...groupErrors(rule.resources ?? [], `${path}.resources`), ...stageErrors(rule.omitStages, `${path}.omitStages`)];
  if (urls.length > 0 && (rule.resources?.length || rule.namespaces?.length)) errors.push(invalid(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
  return errors;
}

function levelErrors(level: string | undefined, path: string): FieldError[] {
  if (!level) return [required(path)];
  return LEVELS.some((known) => known === level) ? [] : [notSupported(path, level, LEVELS)];
}

function urlErrors(url: string, path: string): FieldError[] {
  if (url === '*') return [];
  return [
    ...(url.startsWith('/') ? [] : [invalid(path, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes('*') ? [invalid(path, url, "non-resource URL wildcards '*' must be the final character of the rule")] : []),
  ];
}

/** Kubernetes names no index here. */
function groupErrors(groups: NonNullable<AuditRule['resources']>, path: string): FieldError[] {
  return groups.flatMap(({ group, resources, resourceNames }) => {
    const messages = group && group !== '*' ? validateDns1123Subdomain(group) : [];
    return [
      ...(messages.length > 0 ? [invalid(`${path}.group`, group, messages.join(','))] : []),
      ...(resourceNames?.length && !resources?.length ? [invalid(`${path}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')] : []),
    ];
  });
}

function stageErrors(stages: readonly string[] | undefined, path: string): FieldError[] {
  return (stages ?? []).flatMap((stage, at) => (STAGES.some((known) => known === stage) ? [] : [invalid(`${path}[${at}]`, stage, `allowed stages are ${STAGES.join(',')}`)]));
}
