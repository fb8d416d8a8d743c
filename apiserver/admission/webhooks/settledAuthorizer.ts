import type { AuthorizationAttributes, Authorizer, Decision, ImmediateAuthorizer } from '../../types.ts';

/** Most questions that one evaluation waits for: what a check costs allows no more. */
const MOST_QUESTIONS = 8;

/**
 * Evaluates expressions, which cannot wait, with an authorizer that may have to ask somebody: what is not known yet is waited for, and `evaluate` is called
 * again, with the answers. Rejects when the authorizer does.
 */
export async function withSettledAuthorizer<T>(authorizer: Authorizer, evaluate: (authorizer: ImmediateAuthorizer) => T | Promise<T>): Promise<T> {
  const known = new Map<string, Decision>();
  for (;;) {
    const asked = new Map<string, Promise<Decision>>();
    const authorize = (question: AuthorizationAttributes): Decision => {
      const key = JSON.stringify(question);
      const decision = known.get(key) ?? authorizer.authorize(question);
      if (!(decision instanceof Promise)) return decision;
      asked.set(key, decision);
      return { allowed: false, reason: '' };
    };
    const outcome = await evaluate({ authorize });
    for (const [key, decision] of asked) known.set(key, await decision);
    if (asked.size === 0 || known.size >= MOST_QUESTIONS) return outcome;
  }
}
