import { validateDomainPrefixedPath } from '../../../api/kinds/domainPrefixedPath.ts';
import { PRIVILEGED_GROUP } from '../../authorization/rbacAuthorizer.ts';
import type { AuthorizationAttributes, RequestInfo, UserInfo } from '../../types.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP } from '../authenticatorChain.ts';
import { accountGroups, nodeOf, serviceAccountOf } from '../userNames.ts';
import type { WantedUser } from './wantedUser.ts';

/** One question for the authorizer, or a refusal that needs none. */
export interface ImpersonationCheck {
  readonly attributes: AuthorizationAttributes;
  /** Refused with this reason, whatever the authorizer would say. */
  readonly refused?: string;
  /** Enough in place of the checks behind it, where the authorizer allows it; `skips` of them. */
  readonly skips?: number;
}

/** One way in which somebody may act as somebody else: all checks must be passed. */
export interface ImpersonationMode {
  /** The verb on the user; absent from the impersonated user where it is the old one, which does not look at what is done. */
  readonly constraint?: string;
  readonly checks: readonly ImpersonationCheck[];
  readonly user: UserInfo;
}

const NODES_GROUP = 'system:nodes';
const UNAUTHENTICATED_GROUP = 'system:unauthenticated';
const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';
const ASSOCIATED_KEYS = 'authentication.kubernetes.io/associated-node-keys';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';
/** From so many values on, the right to all of them is asked for first. */
const MANY = 4;

/**
 * The ways that fit, the narrowest first, the old one last (KEP-5284, constrained impersonation). `info` is the request itself: the
 * constrained modes also ask whether it may be made in another's name (`impersonate-on:MODE:VERB`).
 */
export function impersonationModes(by: UserInfo, wanted: WantedUser, info: RequestInfo): readonly ImpersonationMode[] {
  const onlyName = wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
  const node = nodeOf(wanted.name);
  const account = serviceAccountOf(wanted.name);
  const isAssociated = node !== undefined && serviceAccountOf(by.name) !== undefined && by.extra?.[NODE_NAME_KEY]?.length === 1 && by.extra[NODE_NAME_KEY][0] === node;
  const constrained = [
    ...(onlyName && isAssociated ? [constrainedMode('associated-node', withoutNode(by), wanted, info, '*')] : []),
    ...(onlyName && node !== undefined ? [constrainedMode('arbitrary-node', by, wanted, info)] : []),
    ...(onlyName && account ? [constrainedMode('serviceaccount', by, wanted, info)] : []),
    ...(node === undefined && !account ? [constrainedMode('user-info', by, wanted, info)] : []),
  ];
  return [...constrained, { checks: userChecks(by, wanted, 'impersonate', ''), user: userOf(wanted, false) }];
}

function constrainedMode(mode: string, by: UserInfo, wanted: WantedUser, info: RequestInfo, nodeName?: string): ImpersonationMode {
  const constraint = `impersonate:${mode}`;
  const onRequest: ImpersonationCheck = { attributes: { ...info, user: by, verb: `impersonate-on:${mode}:${info.verb}` } };
  return { constraint, checks: [onRequest, ...userChecks(by, wanted, constraint, AUTHENTICATION_GROUP, nodeName)], user: userOf(wanted, true) };
}

/** Which node it runs on must not tell one pod of an account from another. */
const withoutNode = (by: UserInfo): UserInfo => ({ ...by, extra: { [ASSOCIATED_KEYS]: Object.keys(by.extra ?? {}).toSorted() } });

/** One question for each part of the user; `group` is the API group of users, nodes, accounts and groups: none for the old verb. */
function userChecks(by: UserInfo, wanted: WantedUser, verb: string, group: string, nodeName?: string): ImpersonationCheck[] {
  const constrained = group !== '';
  const ask = (ofGroup: string, resource: string, name: string, rest: Partial<AuthorizationAttributes> = {}): ImpersonationCheck => ({
    attributes: { user: by, verb, isResourceRequest: true, path: '', group: ofGroup, version: 'v1', resource, subresource: '', namespace: '', name, ...rest },
  });
  const node = constrained ? nodeOf(wanted.name) : undefined;
  const account = serviceAccountOf(wanted.name);
  const ofName = node !== undefined ? ask(group, 'nodes', nodeName ?? node) : account ? ask(group, 'serviceaccounts', account.name, { namespace: account.namespace }) : ask(group, 'users', wanted.name);
  const groups = wanted.groups.map((each) => ask(group, 'groups', each));
  const extra = Object.entries(wanted.extra).flatMap(([key, values]) => values.map((value) => ask(AUTHENTICATION_GROUP, 'userextras', value, { subresource: key })));
  return [
    ofName,
    ...(wanted.uid === '' ? [] : [ask(AUTHENTICATION_GROUP, 'uids', wanted.uid)]),
    ...(constrained ? guarded(groups, ask(group, 'groups', ''), '*', '', groupFault(wanted.groups)) : groups),
    ...(constrained ? guarded(extra, ask(AUTHENTICATION_GROUP, 'userextras', ''), '*', '*', extraFault(wanted.extra), Object.keys(wanted.extra).length) : extra),
  ];
}

/** A refusal without a question, or one question for all where there are many. */
function guarded(checks: readonly ImpersonationCheck[], { attributes }: ImpersonationCheck, name: string, subresource: string, fault: { readonly name: string; readonly reason: string } | undefined, kinds = 0): readonly ImpersonationCheck[] {
  if (fault) return [{ attributes: { ...attributes, name: fault.name }, refused: fault.reason }];
  if (checks.length < MANY && kinds < MANY) return checks;
  return [{ attributes: { ...attributes, name, subresource }, skips: checks.length }, ...checks];
}

function groupFault(groups: readonly string[]): { readonly name: string; readonly reason: string } | undefined {
  if (groups.includes('')) return { name: '', reason: 'impersonating the empty string group is not allowed' };
  return groups.includes(PRIVILEGED_GROUP) ? { name: PRIVILEGED_GROUP, reason: 'impersonating the system:masters group is not allowed' } : undefined;
}

function extraFault(extra: WantedUser['extra']): { readonly name: string; readonly reason: string } | undefined {
  for (const [key, values] of Object.entries(extra)) {
    const reason = whyNotExtra(key, values);
    if (reason !== undefined) return { name: '', reason };
  }
  return undefined;
}

function whyNotExtra(key: string, values: readonly string[]): string | undefined {
  if (key === '') return 'impersonating the empty string key in extra is not allowed';
  const faults = validateDomainPrefixedPath('extra.key', key).map(({ field, message }) => `${field}: ${message}`);
  if (faults.length > 0) return `impersonating an invalid key in extra is not allowed: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`;
  if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
  if (values.length === 0) return 'impersonating empty values in extra is not allowed';
  return values.includes('') ? 'impersonating the empty string value in extra is not allowed' : undefined;
}

/** The user that the request then has: accounts and, in the constrained modes, nodes have groups of their own. */
function userOf({ name, uid, groups, extra }: WantedUser, constrained: boolean): UserInfo {
  const account = serviceAccountOf(name);
  const own = constrained && nodeOf(name) !== undefined ? [NODES_GROUP] : account && groups.length === 0 ? accountGroups(account.namespace) : groups;
  const added = name === ANONYMOUS.name ? UNAUTHENTICATED_GROUP : own.includes(UNAUTHENTICATED_GROUP) ? undefined : AUTHENTICATED_GROUP;
  const all = added === undefined || own.includes(added) ? own : [...own, added];
  return { name, groups: all, ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}
