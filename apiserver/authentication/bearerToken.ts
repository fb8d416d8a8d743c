import { unauthorized } from '../../api/apiError.ts';
import type { ApiRequest, Authenticator, UserInfo } from '../types.ts';

/** Knows one sort of bearer token: gives its user, undefined for a token of another sort, throws for a bad one of its own. */
export interface TokenAuthenticator {
  /** `audiences`: for which of them the token must be good; undefined: the API server's own. */
  authenticateToken(token: string, audiences?: readonly string[]): Promise<TokenReviewResult | undefined>;
}

export interface TokenReviewResult {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

/** `Authorization: Bearer …`, or a WebSocket's protocol `base64url.bearer.authorization.k8s.io.…`; a token that nobody knows is refused. */
export class BearerTokenAuthenticator implements Authenticator {
  readonly #sorts: readonly TokenAuthenticator[];

  constructor(sorts: readonly TokenAuthenticator[]) {
    this.#sorts = sorts;
  }

  async authenticate(request: ApiRequest): Promise<UserInfo | undefined> {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    const found = await reviewToken(this.#sorts, token);
    if (!found) throw unauthorized();
    return found.user;
  }
}

/** Asks each sort in turn; undefined for a token that is bad, or that none knows. */
export async function reviewToken(sorts: readonly TokenAuthenticator[], token: string, audiences?: readonly string[]): Promise<TokenReviewResult | undefined> {
  for (const sort of sorts) {
    const found = await sort.authenticateToken(token, audiences);
    if (found) return found;
  }
  return undefined;
}

const WEBSOCKET_PREFIX = 'base64url.bearer.authorization.k8s.io.';

function bearerToken({ headers }: ApiRequest): string | undefined {
  const match = /^bearer\s+(\S+)\s*$/i.exec(headers['authorization'] ?? '');
  if (match) return match[1];
  const protocol = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim()).find((each) => each.startsWith(WEBSOCKET_PREFIX));
  return protocol === undefined ? undefined : Buffer.from(protocol.slice(WEBSOCKET_PREFIX.length), 'base64url').toString('utf8');
}
