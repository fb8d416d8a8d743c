import { badRequest, forbiddenError } from '../../api/apiError.ts';
import { forbiddenText } from '../request/authorizeRequest.ts';
import type { ApiRequest, AuthorizationAttributes, Authorizer, Authenticator, UserInfo } from '../types.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP } from './authenticatorChain.ts';

const EXTRA_PREFIX = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const UNAUTHENTICATED_GROUP = 'system:unauthenticated';

/** Whom a request wants to act as. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Acts as somebody else where the headers ask for it and the user who asks may (the verb `impersonate`). */
export class ImpersonatingAuthenticator implements Authenticator {
  readonly #inner: Authenticator;
  readonly #authorizer: Authorizer;

  constructor(inner: Authenticator, authorizer: Authorizer) {
    this.#inner = inner;
    this.#authorizer = authorizer;
  }

  async authenticate(request: ApiRequest): Promise<UserInfo | undefined> {
    const user = await this.#inner.authenticate(request);
    const wanted = readImpersonation(request.headers);
    if (!wanted) return user;
    for (const attributes of impersonationChecks(user ?? ANONYMOUS, wanted)) {
      const decision = this.#authorizer.authorize(attributes);
      if (decision.allowed) continue;
      const text = forbiddenText(attributes);
      throw forbiddenError({ group: attributes.group, resource: attributes.resource }, attributes.name, decision.reason === '' ? text : `${text}: ${decision.reason}`);
    }
    return { ...impersonated(wanted), impersonator: { user: user ?? ANONYMOUS } };
  }
}

/** Reads the headers; undefined where there are none. Node joins headers of one name by a comma and a space. */
export function readImpersonation(headers: ApiRequest['headers']): Impersonation | undefined {
  const list = (value: string | undefined): string[] => (value === undefined ? [] : value.split(', ').filter(Boolean));
  const user = headers['impersonate-user'] ?? '';
  const uid = headers['impersonate-uid'] ?? '';
  const groups = list(headers['impersonate-group']);
  const extra: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(EXTRA_PREFIX)) extra[decodeName(name.slice(EXTRA_PREFIX.length))] = list(value);
  }
  if (user !== '') return { user, uid, groups, extra };
  if (uid !== '' || groups.length > 0 || Object.keys(extra).length > 0) {
    throw badRequest(`requested [${JSON.stringify({ groups, uid, extra })}] without impersonating a user`);
  }
  return undefined;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What must be allowed, one question for each part. */
export function impersonationChecks(by: UserInfo, { user, uid, groups, extra }: Impersonation): AuthorizationAttributes[] {
  const ask = (group: string, resource: string, name: string, rest: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes => ({
    user: by, verb: 'impersonate', isResourceRequest: true, path: '', group, version: 'v1', resource, subresource: '', namespace: '', name, ...rest,
  });
  const [, namespace, account] = SERVICE_ACCOUNT.exec(user) ?? [];
  return [
    namespace !== undefined && account !== undefined ? ask('', 'serviceaccounts', account, { namespace }) : ask('', 'users', user),
    ...(uid === '' ? [] : [ask('authentication.k8s.io', 'uids', uid)]),
    ...groups.map((each) => ask('', 'groups', each)),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((value) => ask('authentication.k8s.io', 'userextras', value, { subresource: key }))),
  ];
}

/** The user that a request then has; a ServiceAccount without groups is given its own. */
export function impersonated({ user, uid, groups, extra }: Impersonation): UserInfo {
  const [, namespace] = SERVICE_ACCOUNT.exec(user) ?? [];
  const own = groups.length === 0 && namespace !== undefined ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : groups;
  const added = user === ANONYMOUS.name ? UNAUTHENTICATED_GROUP : AUTHENTICATED_GROUP;
  const isSettled = own.includes(AUTHENTICATED_GROUP) || own.includes(UNAUTHENTICATED_GROUP);
  return { name: user, ...(uid === '' ? {} : { uid }), groups: isSettled ? own : [...own, added], ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}
