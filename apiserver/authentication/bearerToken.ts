import { unauthorized } from '../../api/apiError.ts';
import type { Logger } from '../../process/log.ts';
import type { ApiRequest, AuthenticationCall, Authenticator, UserInfo } from '../types.ts';
import { webSocketToken, WebSocketTokenError } from './webSocketToken.ts';

/** What is said of a token which nobody knows, and first of one that somebody knows and does not take. */
const UNKNOWN = 'invalid bearer token';

/** A token that somebody knows and does not take; the message says why, for reviews and the log. */
export class TokenError extends Error {}

/** Knows one sort of bearer token: gives its user, undefined for a token of another sort, and throws a `TokenError` for a bad one of its own. */
export interface TokenAuthenticator {
  /** `audiences`: for which of them the token must be good; undefined: the API server's own. */
  authenticateToken(token: string, audiences?: readonly string[], notes?: TokenNotes): Promise<TokenReviewResult | undefined>;
}

/** Where it is told what is to be said of a token besides whose it is. */
export type TokenNotes = Pick<AuthenticationCall, 'warn' | 'annotate'>;

export interface TokenReviewResult {
  readonly user: UserInfo;
  /** For which of the wanted audiences it is good; empty where its sort knows nothing of them (`forOwnAudiences`). */
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

  async authenticate(request: ApiRequest, call: AuthenticationCall): Promise<UserInfo | undefined> {
    let refused = false;
    for (const read of [headerToken, webSocketToken]) {
      try {
        const token = read(request, call.warn);
        if (token !== undefined) return (await reviewToken(this.#sorts, token, undefined, call)).user;
      } catch (error) {
        if (!(error instanceof TokenError || error instanceof WebSocketTokenError)) throw error;
        this.#logger.debug('Unable to authenticate the request', { error: error.message });
        refused = true;
      }
    }
    if (refused) throw unauthorized();
    return undefined;
  }
}

/** Asks each sort in turn. Throws a `TokenError` with all that was said against a token which nobody takes. */
export async function reviewToken(sorts: readonly TokenAuthenticator[], token: string, audiences?: readonly string[], notes?: TokenNotes): Promise<TokenReviewResult> {
  const faults: string[] = [];
  for (const sort of sorts) {
    try {
      const found = await sort.authenticateToken(token, audiences, notes);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      faults.push(error.message);
    }
  }
  const unique = [...new Set([UNKNOWN, ...faults])];
  throw new TokenError(unique.length > 1 ? `[${unique.join(', ')}]` : UNKNOWN);
}

/** `Authorization: Bearer <token>` as Kubernetes cuts it: at single spaces, and what follows the token counts for nothing. */
function headerToken({ headers }: ApiRequest, warn: (message: string) => void): string | undefined {
  const parts = (headers['authorization'] ?? '').trim().split(' ');
  const [scheme = '', token] = parts;
  if (token === undefined || scheme.toLowerCase() !== 'bearer') return undefined;
  if (token !== '') return token;
  warn('the provided Authorization header contains extra space before the bearer token, and is ignored');
  return undefined;
}
