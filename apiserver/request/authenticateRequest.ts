import { unauthorized } from '../../api/apiError.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, UserInfo } from '../types.ts';

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Who sent a request: what it shows, or nobody in particular. A certificate that did not verify is refused, as are bad credentials.
 * Many requests at a time on one connection are for those who are known (Kubernetes' `UnauthenticatedHTTP2DOSMitigation`).
 */
export async function authenticateRequest(authenticator: Authenticator, request: ApiRequest, call: AuthenticationCall): Promise<UserInfo> {
  let user: UserInfo | undefined;
  try {
    user = await authenticator.authenticate(request, call);
    if (!user && request.clientCertificateError !== undefined) throw unauthorized();
  } catch (error) {
    request.leave?.();
    throw error;
  }
  if (request.leave && (!user || isAnonymous(user))) request.leave();
  return user ?? ANONYMOUS;
}

function isAnonymous({ name, groups }: UserInfo): boolean {
  return name === ANONYMOUS.name || groups.includes('system:unauthenticated');
}
