import { type ApiError, failure, forbiddenError, internalError } from '../../api/apiError.ts';
import type { AuthorizationAttributes, Authorizer, RequestInfo, UserInfo } from '../types.ts';

/**
 * Throws a 403 with Kubernetes' text where the user may not do this, and a 500 where nobody allows it and somebody could not be asked. A refusal that hangs on objects which this server may not have seen
 * (a pod that another server has just bound) stands only after `caughtUp`.
 */
export async function authorizeRequest(authorizer: Authorizer, info: RequestInfo, user: UserInfo, caughtUp: () => Promise<unknown>): Promise<void> {
  const attributes: AuthorizationAttributes = { ...info, user };
  // Without a webhook the answer is there at once: nothing is waited for.
  let asked = authorizer.authorize(attributes);
  let decision = asked instanceof Promise ? await asked : asked;
  if (!decision.allowed && decision.mayChange) {
    await caughtUp();
    asked = authorizer.authorize(attributes);
    decision = asked instanceof Promise ? await asked : asked;
  }
  if (decision.allowed) return;
  if (decision.error !== undefined) throw internalError(decision.error);
  throw forbidden(attributes, decision.reason);
}

/** A 403 with Kubernetes' text and, where there is one, the reason. */
export function forbidden(attributes: AuthorizationAttributes, reason: string): ApiError {
  const text = forbiddenText(attributes);
  const why = reason === '' ? text : `${text}: ${reason}`;
  if (!attributes.isResourceRequest) return failure(403, 'Forbidden', `forbidden: ${why}`, {});
  return forbiddenError({ group: attributes.group, resource: attributes.resource }, attributes.name, why);
}

/** `User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"`. */
function forbiddenText({ user, verb, path, isResourceRequest, group, resource, subresource, namespace }: AuthorizationAttributes): string {
  const who = JSON.stringify(user.name);
  if (!isResourceRequest) return `User ${who} cannot ${verb} path ${JSON.stringify(path)}`;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}
