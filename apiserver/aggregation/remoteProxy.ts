import { Readable } from 'node:stream';
import { ApiError } from '../../api/apiError.ts';
import type { V1APIService } from '../../api/generated/types.ts';
import { respondText } from '../handlers/respond.ts';
import { forward, tunnel, type Backend } from '../streaming/backend.ts';
import type { ApiResponse, ConnectCall, UpgradeConnection } from '../types.ts';
import { isAvailable } from './availability.ts';
import { UnreachableError, type RemoteServers } from './remoteServers.ts';

/** As Go's `http.Error` writes it. */
const unavailable = (text: string): ApiResponse => respondText(503, `${text}\n`);

/** Hands a request on to the server of an APIService, in the name of its user. */
export async function proxyRequest(servers: RemoteServers, apiService: V1APIService, call: ConnectCall): Promise<ApiResponse> {
  const backend = locate(servers, apiService, call);
  if (!backend) return unavailable('service unavailable');
  try {
    return withoutRedirect(servers, await forward(backend, call.request));
  } catch (error) {
    return refusal(error);
  }
}

/** Whoever follows a redirection shows his credentials to whomever the extension server names (`--aggregator-reject-forwarding-redirect`). */
function withoutRedirect(servers: RemoteServers, answer: ApiResponse): ApiResponse {
  const { status, headers, body } = answer;
  if (!servers.rejectsRedirects || status < 300 || status > 399 || !headers['location']) return answer;
  if (body instanceof Readable) body.destroy();
  return respondText(502, 'the backend attempted to redirect this request, which is not permitted');
}

/** As `proxyRequest`, where another protocol is asked for; an answer where it could not be had. */
export async function proxyUpgrade(servers: RemoteServers, apiService: V1APIService, call: ConnectCall, connection: UpgradeConnection): Promise<ApiResponse | undefined> {
  const backend = locate(servers, apiService, call);
  if (!backend) return unavailable('service unavailable');
  try {
    await tunnel(backend, call.request, connection);
    return undefined;
  } catch (error) {
    return refusal(error);
  }
}

function locate(servers: RemoteServers, apiService: V1APIService, { request, user }: ConnectCall): Backend | undefined {
  if (!isAvailable(apiService)) return undefined;
  const query = request.query.toString();
  try {
    return servers.backend(apiService, `${request.path}${query === '' ? '' : `?${query}`}`, user);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function refusal(error: unknown): ApiResponse {
  if (error instanceof UnreachableError) return unavailable(`error trying to reach service: ${error.message}`);
  throw error;
}
