import type { Clock } from '../../../process/clock.ts';
import { type JwtClaims, JwtError, readClaims, verifyJwt } from '../../../process/jwt.ts';
import { RemoteError } from '../../remote/httpsCall.ts';
import { type TokenAuthenticator, TokenError, type TokenReviewResult } from '../bearerToken.ts';
import { commonAudiences, goStrings } from '../serviceAccounts/audiences.ts';
import { ClaimError, type ClaimMapping } from './claimMapping.ts';
import type { IssuerKeys } from './issuerKeys.ts';

/** go-oidc's leeway for `nbf`, in seconds. */
const LEEWAY_SECONDS = 300;
/** Google's tokens once named their issuer without the scheme. */
const GOOGLE = 'accounts.google.com';

export interface JwtAuthenticatorSettings {
  readonly issuer: string;
  /** One of them must be the token's. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly mapping: ClaimMapping;
  /** The API server's own: what a token of this sort is good for. */
  readonly apiAudiences: readonly string[];
}

/** ID tokens of one OpenID Connect issuer. */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #settings: JwtAuthenticatorSettings;
  readonly #keys: IssuerKeys;
  readonly #clock: Clock;

  constructor(settings: JwtAuthenticatorSettings, keys: IssuerKeys, clock: Clock) {
    this.#settings = settings;
    this.#keys = keys;
    this.#clock = clock;
  }

  async authenticateToken(token: string, wanted: readonly string[] = this.#settings.apiAudiences): Promise<TokenReviewResult | undefined> {
    if (issuerOf(readClaims(token)) !== this.#settings.issuer) return undefined;
    try {
      const audiences = commonAudiences(this.#settings.apiAudiences, wanted);
      if (wanted.length > 0 && audiences.length === 0) return undefined;
      const claims = verifyJwt(token, await this.#keys.for(token), this.#settings.algorithms);
      this.#check(claims);
      return { user: this.#settings.mapping(claims), audiences };
    } catch (error) {
      if (error instanceof ClaimError) throw new TokenError(error.message);
      if (error instanceof JwtError || error instanceof RemoteError) throw new TokenError(`oidc: verify token: ${error.message}`);
      throw error;
    }
  }

  close(): void {
    this.#keys.close();
  }

  #check(claims: JwtClaims): void {
    const { issuer, audiences } = this.#settings;
    if (issuerOf(claims) !== issuer) throw new JwtError(`oidc: id token issued by a different provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(claims['iss'])}`);
    const own = [claims['aud']].flat().filter((each): each is string => typeof each === 'string');
    if (!own.some((each) => audiences.includes(each))) throw new JwtError(`oidc: expected audience in ${goStrings(audiences.toSorted())} got ${goStrings(own)}`);
    const now = this.#clock.now() / 1000;
    const { exp, nbf } = claims;
    if (typeof exp !== 'number' || exp < now) throw new JwtError(`oidc: token is expired (Token Expiry: ${typeof exp === 'number' ? new Date(exp * 1000).toISOString() : 'none'})`);
    if (typeof nbf === 'number' && now + LEEWAY_SECONDS < nbf) throw new JwtError('oidc: current time before the nbf (not before) time');
  }
}

function issuerOf(claims: JwtClaims | undefined): unknown {
  return claims?.['iss'] === GOOGLE ? `https://${GOOGLE}` : claims?.['iss'];
}
