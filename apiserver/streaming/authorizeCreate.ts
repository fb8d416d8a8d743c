import { forbiddenError, internalError } from '../../api/apiError.ts';
import type { Authorizer, ConnectCall } from '../types.ts';

/**
 * Throws a 403 where the user may not `create` what he connects to. SPDY asks by POST, WebSockets by GET, which is authorized as `get`: without this who
 * may read everything could run commands, too (upstream's `ensureAuthorizedForVerb`, KEP-4006). A refusal that may rest on objects which this server has
 * not seen yet stands only after `caughtUp`.
 */
export async function authorizeCreate(authorizer: Authorizer, { info, user }: Pick<ConnectCall, 'info' | 'user'>, caughtUp: () => Promise<unknown>): Promise<void> {
  if (info.verb === 'create') return;
  const attributes = { ...info, verb: 'create', user };
  let decision = await authorizer.authorize(attributes);
  if (!decision.allowed && decision.mayChange) {
    await caughtUp();
    decision = await authorizer.authorize(attributes);
  }
  if (decision.allowed) return;
  if (decision.error !== undefined) throw internalError(decision.error);
  throw forbiddenError({ group: info.group, resource: info.resource }, info.name, decision.reason);
}
