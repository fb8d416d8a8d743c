import type { V1PolicyRule } from '../../../api/generated/types.ts';
import type { AuthorizationAttributes, Decision, ImmediateAuthorizer, UserInfo } from '../../types.ts';
import { urlMatches } from '../rbacRules.ts';
import type { ResolvedRules, RuleResolver } from '../ruleResolver.ts';

const API_VERSION = 'abac.authorization.kubernetes.io/v1beta1';
const ALL = '*';
const READS = ['get', 'list', 'watch'];

interface Policy {
  readonly user?: string;
  readonly group?: string;
  readonly readonly?: boolean;
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly nonResourcePath?: string;
}

/** A line of the file that is no policy. */
export class PolicyFileError extends Error {}

/** Attribute-based access control: one policy per line of a file, and a request is allowed when one of them does. */
export class AbacAuthorizer implements ImmediateAuthorizer, RuleResolver {
  readonly #policies: readonly Policy[];

  /** Throws a PolicyFileError. */
  constructor(text: string) {
    this.#policies = text.split('\n').flatMap((line, index) => {
      const trimmed = line.trim();
      return trimmed === '' || trimmed.startsWith('#') ? [] : [readPolicy(trimmed, index + 1)];
    });
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const allowed = this.#policies.some((policy) => subjectMatches(policy, attributes.user) && verbMatches(policy, attributes.verb) && targetMatches(policy, attributes));
    return { allowed, reason: allowed ? '' : 'No policy matched.' };
  }

  rulesFor(user: UserInfo, namespace: string): ResolvedRules {
    const rules = this.#policies.filter((policy) => subjectMatches(policy, user) && (policy.namespace === ALL || policy.namespace === namespace)).flatMap((policy): V1PolicyRule[] => {
      const verbs = policy.readonly ? READS : [ALL];
      return [
        ...(policy.resource ? [{ verbs, apiGroups: [policy.apiGroup ?? ''], resources: [policy.resource] }] : []),
        ...(policy.nonResourcePath ? [{ verbs, nonResourceURLs: [policy.nonResourcePath] }] : []),
      ];
    });
    return { rules, errors: [] };
  }
}

function readPolicy(line: string, number: number): Policy {
  const fail = (why: string): PolicyFileError => new PolicyFileError(`line ${number}: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw fail((error as Error).message);
  }
  if (typeof value !== 'object' || value === null) throw fail('not an object');
  const { apiVersion, kind, spec, ...unversioned } = value as { apiVersion?: unknown; kind?: unknown; spec?: unknown } & Policy;
  if (apiVersion === undefined) return fromUnversioned(unversioned);
  if (apiVersion !== API_VERSION || kind !== 'Policy' || typeof spec !== 'object' || spec === null) throw fail(`unrecognized object: ${JSON.stringify(apiVersion)}, ${JSON.stringify(kind)}`);
  return spec;
}

/** The oldest form: what it leaves out stands for everything, and nobody for everybody who is known. */
function fromUnversioned({ user = '', group = '', namespace = '', resource = '', readonly = false }: Policy): Policy {
  const everybody = (user === '' && group === '') || user === ALL || group === ALL;
  return {
    ...(everybody ? { group: 'system:authenticated' } : { user, group }),
    readonly,
    namespace: namespace || ALL,
    resource: resource || ALL,
    apiGroup: ALL,
    ...(namespace === '' && resource === '' ? { nonResourcePath: ALL } : {}),
  };
}

function subjectMatches({ user = '', group = '' }: Policy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false;
  if (user !== '' && user !== ALL && user !== name) return false;
  return group === '' || group === ALL || groups.includes(group);
}

const verbMatches = (policy: Policy, verb: string): boolean => policy.readonly !== true || READS.includes(verb);

function targetMatches(policy: Policy, { isResourceRequest, namespace, resource, group, path }: AuthorizationAttributes): boolean {
  const { namespace: ofNamespace = '', resource: ofResource = '', apiGroup = '', nonResourcePath = '' } = policy;
  if (!isResourceRequest) return nonResourcePath !== '' && urlMatches(nonResourcePath, path);
  return (ofNamespace === ALL || ofNamespace === namespace) && (ofResource === ALL || ofResource === resource) && (apiGroup === ALL || apiGroup === group);
}
