import { type ApiError, forbiddenError, unauthorized } from '../../../api/apiError.ts';
import { forbidden } from '../../request/authorizeRequest.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, Authorizer, UserInfo } from '../../types.ts';
import { ANONYMOUS } from '../authenticatorChain.ts';
import { type ImpersonationCheck, type ImpersonationMode, impersonationModes } from './impersonationModes.ts';
import { asksToImpersonate, readWantedUser } from './wantedUser.ts';

/** Of so many users the way is remembered. */
const REMEMBERED = 10_000;

/** Acts as somebody else where the headers ask for it and the user who asks may. */
export class ImpersonatingAuthenticator implements Authenticator {
  readonly #inner: Authenticator;
  readonly #authorizer: Authorizer;
  /** By which mode each user was last let, which is tried first: mostly it is the same one again (`modeIndexCache`). */
  readonly #lastModes = new Map<string, string | undefined>();

  constructor(inner: Authenticator, authorizer: Authorizer) {
    this.#inner = inner;
    this.#authorizer = authorizer;
  }

  async authenticate(request: ApiRequest, call: AuthenticationCall): Promise<UserInfo | undefined> {
    const user = await this.#inner.authenticate(request, call);
    if (!asksToImpersonate(request)) return user;
    // Bad credentials do not make somebody nobody.
    if (!user && request.clientCertificateError !== undefined) throw unauthorized();
    const by = user ?? ANONYMOUS;
    await call.acting?.(by);
    const wanted = readWantedUser(request);
    let first: ApiError | undefined;
    for (const mode of this.#lastFirst(by.name, impersonationModes(by, wanted, call.info))) {
      const refusal = await this.#refusal(mode);
      if (!refusal) this.#remember(by.name, mode);
      if (!refusal) return { ...mode.user, impersonator: { user: by, ...(mode.constraint === undefined ? {} : { constraint: mode.constraint }) } };
      first ??= refusal;
    }
    throw first ?? forbiddenError({ group: '', resource: 'users' }, wanted.name, 'all impersonation modes failed');
  }

  #lastFirst(user: string, modes: readonly ImpersonationMode[]): readonly ImpersonationMode[] {
    if (!this.#lastModes.has(user)) return modes;
    const last = this.#lastModes.get(user);
    const at = modes.findIndex(({ constraint }) => constraint === last);
    return at <= 0 ? modes : [modes[at]!, ...modes.toSpliced(at, 1)];
  }

  #remember(user: string, { constraint }: ImpersonationMode): void {
    // Put in anew, so that the first is the one that was let in longest ago.
    this.#lastModes.delete(user);
    this.#lastModes.set(user, constraint);
    if (this.#lastModes.size > REMEMBERED) this.#lastModes.delete(this.#lastModes.keys().next().value!);
  }

  /** Why a mode is closed; undefined when it is open. */
  async #refusal({ checks }: ImpersonationMode): Promise<ApiError | undefined> {
    for (let at = 0; at < checks.length; at += 1) {
      const check = checks[at]!;
      const refusal = await this.#checkRefusal(check);
      if (check.skips !== undefined) at += refusal ? 0 : check.skips;
      else if (refusal) return refusal;
    }
    return undefined;
  }

  async #checkRefusal({ attributes, refused }: ImpersonationCheck): Promise<ApiError | undefined> {
    if (refused !== undefined) return forbidden(attributes, refused);
    const decision = await this.#authorizer.authorize(attributes);
    return decision.allowed ? undefined : forbidden(attributes, [decision.error, decision.reason].filter(Boolean).join(': '));
  }
}
