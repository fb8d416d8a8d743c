import { failure, forbiddenError } from '../../api/apiError.ts';
import type { AuthorizationAttributes, Authorizer, RequestInfo, UserInfo } from '../types.ts';

/**
 * Throws a 403 with Kubernetes' text where the user may not do this. A refusal that hangs on objects which this server may not have seen
 * (a pod that another server has just bound) stands only after `caughtUp`.
 */
export async function authorizeRequest(authorizer: Authorizer, info: RequestInfo, user: UserInfo, caughtUp: () => Promise<unknown>): Promise<void> {
  const attributes: AuthorizationAttributes = { ...info, user };
  let decision = authorizer.authorize(attributes);
  if (!decision.allowed && decision.mayChange) {
    await caughtUp();
    decision = authorizer.authorize(attributes);
  }
  if (decision.allowed) return;
  const text = forbiddenText(attributes);
  const why = decision.reason === '' ? text : `${text}: ${decision.reason}`;
  if (!info.isResourceRequest) throw failure(403, 'Forbidden', `forbidden: ${why}`, {});
  throw forbiddenError({ group: info.group, resource: info.resource }, info.name, why);
}

/** `User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"`. */
export function forbiddenText({ user, verb, path, isResourceRequest, group, resource, subresource, namespace }: AuthorizationAttributes): string {
  const who = JSON.stringify(user.name);
  if (!isResourceRequest) return `User ${who} cannot ${verb} path ${JSON.stringify(path)}`;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}
