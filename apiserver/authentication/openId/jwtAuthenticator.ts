import type { Clock } from '../../../process/clock.ts';
import { JwtError, readClaims, readHeader } from '../../../process/jwt.ts';
import { RemoteError } from '../../remote/httpsCall.ts';
import { type TokenAuthenticator, TokenError, type TokenReviewResult } from '../bearerToken.ts';
import { commonAudiences } from '../serviceAccounts/audiences.ts';
import { inTurns } from '../../inTurns.ts';
import { ClaimError, type ClaimMapping } from './claimMapping.ts';
import type { DistributedClaims } from './distributedClaims.ts';
import { checkIdToken, checkSignature, type IdTokenRule, issuerOf } from './idToken.ts';
import type { IssuerKeys } from './issuerKeys.ts';

export interface JwtAuthenticatorSettings extends IdTokenRule {
  readonly mapping: ClaimMapping;
  /** Where the groups are a claim: fetches those that are elsewhere. */
  readonly distributed?: DistributedClaims | undefined;
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
    const said = readClaims(token);
    if (said === undefined || issuerOf(said) !== this.#settings.issuer) return undefined;
    try {
      const audiences = commonAudiences(this.#settings.apiAudiences, wanted);
      if (wanted.length > 0 && audiences.length === 0) return undefined;
      checkIdToken(said, this.#settings, this.#clock.now());
      const claims = checkSignature(token, await this.#keys.for(token), this.#settings, readHeader(token)?.algorithm ?? '');
      return { user: await inTurns(this.#settings.mapping((await this.#settings.distributed?.expand(claims)) ?? claims)), audiences };
    } catch (error) {
      if (error instanceof ClaimError) throw new TokenError(error.message);
      if (error instanceof JwtError || error instanceof RemoteError) throw new TokenError(`oidc: verify token: ${error.message}`);
      throw error;
    }
  }

  close(): void {
    this.#keys.close();
    this.#settings.distributed?.close();
  }
}
