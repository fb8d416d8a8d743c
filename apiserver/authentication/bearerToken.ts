import { unauthorized } from '../../api/apiError.ts';
import type { Logger } from '../../process/log.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, UserInfo } from '../types.ts';

/** A token that somebody knows and does not take; the message says why, for reviews and the log. */
export class TokenError extends Error {}

/** Knows one sort of bearer token: gives its user, undefined for a token of another sort, and throws a `TokenError` for a bad one of its own. */
export interface TokenAuthenticator {
  /** `audiences`: for which of them the token must be good; undefined: the API server's own. */
  authenticateToken(token: string, audiences?: readonly string[], warn?: (message: string) => void): Promise<TokenReviewResult | undefined>;
}

export interface TokenReviewResult {
  readonly user: UserInfo;
  /** For which of the wanted audiences it is good; empty where its sort knows none. */
  readonly audiences: readonly string[];
}

/** `Authorization: Bearer …`, or a WebSocket's protocol `base64url.bearer.authorization.k8s.io.…`; a token that nobody knows is refused. */
export class BearerTokenAuthenticator implements Authenticator {
  readonly #sorts: readonly TokenAuthenticator[];
  readonly #logger: Logger;

  constructor(sorts: readonly TokenAuthenticator[], logger: Logger) {
    this.#sorts = sorts;
    this.#logger = logger;
  }

  async authenticate(request: ApiRequest, { warn }: AuthenticationCall): Promise<UserInfo | undefined> {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    try {
      return (await reviewToken(this.#sorts, token, undefined, warn)).user;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.#logger.debug('Unable to authenticate the request', { error: error.message });
      throw unauthorized();
    }
  }
}

/** Asks each sort in turn. Throws a `TokenError` with all that was said against a token which nobody takes. */
export async function reviewToken(sorts: readonly TokenAuthenticator[], token: string, audiences?: readonly string[], warn?: (message: string) => void): Promise<TokenReviewResult> {
  const faults: string[] = [];
  for (const sort of sorts) {
    try {
      const found = await sort.authenticateToken(token, audiences, warn);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      faults.push(error.message);
    }
  }
  const unique = [...new Set(faults)];
  throw new TokenError(unique.length > 1 ? `[${unique.join(', ')}]` : (unique[0] ?? 'invalid bearer token'));
}

const WEBSOCKET_PREFIX = 'base64url.bearer.authorization.k8s.io.';

function bearerToken({ headers }: ApiRequest): string | undefined {
  const match = /^bearer\s+(\S+)\s*$/i.exec(headers['authorization'] ?? '');
  if (match) return match[1];
  const protocol = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim()).find((each) => each.startsWith(WEBSOCKET_PREFIX));
  return protocol === undefined ? undefined : Buffer.from(protocol.slice(WEBSOCKET_PREFIX.length), 'base64url').toString('utf8');
}
