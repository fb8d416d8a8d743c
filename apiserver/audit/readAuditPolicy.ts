import { type FieldError, invalid, notSupported, required } from '../../api/fieldError.ts';
import { validateDns1123Subdomain } from '../../api/validation/names.ts';
import type { ConfigShape } from '../configFile/configShape.ts';
import { describeFaults } from '../configFile/describeFaults.ts';
import { ConfigFileError, decodeConfigFile, type DecodedConfig, MissingVersionError } from '../configFile/readConfigFile.ts';
import type { AuditLevel, AuditPolicy, AuditRule, AuditStage } from './auditPolicy.ts';

/** A policy that cannot be used. */
export class AuditPolicyError extends Error {}

const LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const TEXTS: ConfigShape = { list: 'string' };
const STAGE_LIST: ConfigShape = { list: { text: 'Stage' } };
const RULE: ConfigShape = {
  struct: 'PolicyRule',
  fields: {
    level: { text: 'Level' },
    users: TEXTS,
    userGroups: TEXTS,
    verbs: TEXTS,
    resources: { list: { struct: 'GroupResources', fields: { group: 'string', resources: TEXTS, resourceNames: TEXTS } } },
    namespaces: TEXTS,
    nonResourceURLs: TEXTS,
    omitStages: STAGE_LIST,
    omitManagedFields: 'boolean',
  },
};
const METADATA: ConfigShape = { struct: 'ObjectMeta', fields: { name: 'string', namespace: 'string', generateName: 'string', labels: 'any', annotations: 'any', creationTimestamp: 'any' } };
const FIELDS: Readonly<Record<string, ConfigShape>> = { metadata: METADATA, rules: { list: RULE }, omitStages: STAGE_LIST, omitManagedFields: 'boolean' };
const KIND = { versions: ['audit.k8s.io/v1'], kind: 'Policy', implied: true };

/** Reads the text of `--audit-policy-file`; `file` is its path. What it says beyond a policy is passed over, and told to `warn`. Throws an AuditPolicyError. */
export function readAuditPolicy(text: string, file: string, warn: (message: string) => void = () => undefined): AuditPolicy {
  const fail = (message: string): never => {
    throw new AuditPolicyError(`${message}: from file ${file}`);
  };
  const { value, strictError } = decoded(text, fail);
  if (strictError !== undefined) warn(`Audit policy contains errors, falling back to lenient decoding: ${strictError}`);
  const { rules = [], ...rest } = value as Partial<AuditPolicy>;
  const errors = [...stageErrors(rest.omitStages, 'omitStages'), ...rules.flatMap((rule, at) => ruleErrors(rule, `rules[${at}]`))];
  if (errors.length > 0) fail(describeFaults(errors));
  if (rules.length === 0) fail('loaded illegal policy with 0 rules');
  return { ...rest, rules };
}

function decoded(text: string, fail: (message: string) => never): DecodedConfig {
  try {
    return decodeConfigFile(text, KIND, FIELDS);
  } catch (error) {
    if (error instanceof MissingVersionError) return fail('unknown group version field audit.k8s.io/__internal, Kind=Policy in policy');
    if (error instanceof ConfigFileError) return fail(`failed decoding: ${error.message}`);
    throw error;
  }
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
