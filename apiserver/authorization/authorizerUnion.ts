import type { AuthorizationAttributes, Authorizer, Decision } from '../types.ts';

/** Asks one authorizer after the other: the first that allows or denies decides; else every reason is told (`union.New`). */
export class AuthorizerUnion implements Authorizer {
  readonly #members: readonly Authorizer[];

  constructor(members: readonly Authorizer[]) {
    this.#members = members;
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const reasons: string[] = [];
    let mayChange = false;
    for (const member of this.#members) {
      const decision = member.authorize(attributes);
      if (decision.allowed || decision.denied) return decision;
      if (decision.reason !== '') reasons.push(decision.reason);
      mayChange ||= decision.mayChange === true;
    }
    return { allowed: false, reason: reasons.join('\n'), ...(mayChange ? { mayChange } : {}) };
  }
}
