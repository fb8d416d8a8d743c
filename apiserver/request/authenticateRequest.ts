import { unauthorized } from '../../api/apiError.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, UserInfo } from '../types.ts';

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who sent a request: what it shows, or nobody in particular. A certificate that did not verify is refused, as are bad credentials. */
export async function authenticateRequest(authenticator: Authenticator, request: ApiRequest, call: AuthenticationCall): Promise<UserInfo> {
  const user = await authenticator.authenticate(request, call);
  if (user) return user;
  if (request.clientCertificateError !== undefined) throw unauthorized();
  return ANONYMOUS;
}
