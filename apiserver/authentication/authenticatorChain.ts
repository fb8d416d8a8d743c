import { unauthorized } from '../../api/apiError.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, UserInfo } from '../types.ts';

export const AUTHENTICATED_GROUP = 'system:authenticated';
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Which requests may show nothing: all, none, or those to certain paths. */
export interface AnonymousRule {
  readonly enabled: boolean;
  readonly paths?: readonly string[];
}

/**
 * Asks each in turn; the first that knows the user decides, and bad credentials refuse the request. Every known user is in
 * `system:authenticated`. Where anonymous requests are off, a request that shows nothing is refused.
 */
export class AuthenticatorChain implements Authenticator {
  readonly #parts: readonly Authenticator[];
  readonly #anonymous: AnonymousRule;

  constructor(parts: readonly Authenticator[], anonymous: AnonymousRule) {
    this.#parts = parts;
    this.#anonymous = anonymous;
  }

  async authenticate(request: ApiRequest, call: AuthenticationCall): Promise<UserInfo | undefined> {
    for (const part of this.#parts) {
      const user = await part.authenticate(request, call);
      if (user) return withAuthenticatedGroup(user);
    }
    const { enabled, paths } = this.#anonymous;
    if (!enabled || (paths && !paths.includes(request.path))) throw unauthorized();
    return undefined;
  }
}

/** Adds `system:authenticated`, except to who is nobody. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.name === ANONYMOUS.name || user.groups.includes(AUTHENTICATED_GROUP) || user.groups.includes('system:unauthenticated')) return user;
  return { ...user, groups: [...user.groups, AUTHENTICATED_GROUP] };
}
