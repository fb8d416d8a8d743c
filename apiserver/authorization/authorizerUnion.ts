import type { AuthorizationAttributes, Authorizer, Decision, UserInfo } from '../types.ts';
import type { ResolvedRules, RuleResolver } from './ruleResolver.ts';

/** Asks one authorizer after the other: the first that allows or denies decides; else every reason is told (`union.New`). It waits only for members that do. */
export class AuthorizerUnion implements Authorizer, RuleResolver {
  readonly #members: readonly Authorizer[];

  constructor(members: readonly Authorizer[]) {
    this.#members = members;
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    return this.#from(0, attributes, new Undecided());
  }

  rulesFor(user: UserInfo, namespace: string): ResolvedRules {
    const found = this.#members.flatMap((member) => ('rulesFor' in member ? [(member as Authorizer & RuleResolver).rulesFor(user, namespace)] : []));
    return { rules: found.flatMap(({ rules }) => rules), errors: found.flatMap(({ errors }) => errors), ...(found.some(({ incomplete }) => incomplete) ? { incomplete: true } : {}) };
  }

  #from(first: number, attributes: AuthorizationAttributes, undecided: Undecided): Decision | Promise<Decision> {
    for (let at = first; at < this.#members.length; at += 1) {
      const asked = this.#members[at]!.authorize(attributes);
      if (asked instanceof Promise) return this.#awaited(asked, at + 1, attributes, undecided);
      if (asked.allowed || asked.denied) return asked;
      undecided.add(asked);
    }
    return undecided.decision;
  }

  async #awaited(asked: Promise<Decision>, next: number, attributes: AuthorizationAttributes, undecided: Undecided): Promise<Decision> {
    const decision = await asked;
    if (decision.allowed || decision.denied) return decision;
    undecided.add(decision);
    return this.#from(next, attributes, undecided);
  }
}

/** What those said who had no opinion. */
class Undecided {
  readonly #reasons: string[] = [];
  readonly #errors: string[] = [];
  #mayChange = false;

  add(decision: Decision): void {
    if (decision.reason !== '') this.#reasons.push(decision.reason);
    if (decision.error !== undefined) this.#errors.push(decision.error);
    if (!decision.allowed && decision.mayChange) this.#mayChange = true;
  }

  get decision(): Decision {
    const error = this.#errors.length > 1 ? `[${this.#errors.join(', ')}]` : this.#errors[0];
    return { allowed: false, reason: this.#reasons.join('\n'), ...(this.#mayChange ? { mayChange: true } : {}), ...(error === undefined ? {} : { error }) };
  }
}
