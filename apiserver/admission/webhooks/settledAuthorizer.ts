import type { AuthorizationAttributes, Authorizer, Decision, ImmediateAuthorizer } from '../../types.ts';

/**
 * Evaluates expressions, which cannot wait, with an authorizer that may have to ask somebody: what is not known yet is waited for, and `evaluate` is called
 * again, with the answers, which are added to `known`. As what a check costs allows a few dozen of them, this comes to an end. Rejects when the authorizer does.
 */
export async function withSettledAuthorizer<T>(authorizer: Authorizer, evaluate: (authorizer: ImmediateAuthorizer) => T | Promise<T>, known = new Map<string, Decision>()): Promise<T> {
  for (;;) {
    const asked = new Map<string, Promise<Decision>>();
    const authorize = (question: AuthorizationAttributes): Decision => {
      const key = JSON.stringify(question);
      const answer = known.get(key) ?? asked.get(key) ?? authorizer.authorize(question);
      if (answer instanceof Promise) asked.set(key, answer);
      else known.set(key, answer);
      return answer instanceof Promise ? { allowed: false, reason: '' } : answer;
    };
    const outcome = await evaluate({ authorize });
    for (const [key, decision] of asked) known.set(key, await decision);
    if (asked.size === 0) return outcome;
  }
}
