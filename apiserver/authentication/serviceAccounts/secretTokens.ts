import type { V1Secret, V1ServiceAccount } from '../../../api/generated/types.ts';
import type { Clock } from '../../../process/clock.ts';
import { JwtError, verifyJwt } from '../../../process/jwt.ts';
import { LAST_USED_LABEL, INVALID_SINCE_LABEL, SECRET_TOKEN_ISSUER } from '../../../process/serviceAccountSecrets.ts';
import type { WatchCache } from '../../storage/types.ts';
import { type TokenAuthenticator, TokenError, type TokenReviewResult } from '../bearerToken.ts';
import { sameSecret } from '../sameSecret.ts';
import { accountGroups, serviceAccountOf } from '../userNames.ts';
import { commonAudiences, goStrings } from './audiences.ts';
import { LiveObjects, MissingError } from './liveObjects.ts';
import type { ServiceAccountTokens } from './serviceAccountTokens.ts';

const PREFIX = 'kubernetes.io/serviceaccount/';
const INVALIDATED = 'Token has been invalidated';
const AUTO_GENERATED = 'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.';

/** Writes the day on which a Secret's token was last used to its label; best effort. */
export type MarkUsed = (secret: V1Secret, day: string) => Promise<void>;

/** Tokens without an end that Secrets of type kubernetes.io/service-account-token hold (legacy tokens). */
export class SecretTokenAuthenticator implements TokenAuthenticator {
  readonly #tokens: ServiceAccountTokens;
  readonly #objects: LiveObjects;
  readonly #clock: Clock;
  readonly #markUsed: MarkUsed;

  constructor(tokens: ServiceAccountTokens, cache: WatchCache, clock: Clock, markUsed: MarkUsed) {
    this.#tokens = tokens;
    this.#objects = new LiveObjects(cache, clock);
    this.#clock = clock;
    this.#markUsed = markUsed;
  }

  async authenticateToken(token: string, wanted: readonly string[] = this.#tokens.audiences, warn?: (message: string) => void): Promise<TokenReviewResult | undefined> {
    if (!this.#tokens.isOf(token, [SECRET_TOKEN_ISSUER])) return undefined;
    try {
      const claims = secretClaims(verifyJwt(token, this.#tokens.keys));
      const audiences = commonAudiences(this.#tokens.audiences, wanted);
      if (audiences.length === 0) throw new JwtError(`token audiences ${goStrings(this.#tokens.audiences)} is invalid for the target audiences ${goStrings(wanted)}`);
      const { secret, account } = await this.#objects.settled(() => this.#lookUp(token, claims));
      const { namespace, secretName, accountName, accountUid } = claims;
      await this.#use(secret);
      if (secret.metadata.labels?.[INVALID_SINCE_LABEL]) {
        throw new TokenError(`the token in secret ${namespace}/${secretName} for service account ${namespace}/${accountName} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`);
      }
      if (account.secrets?.some(({ name }) => name === secretName)) warn?.(AUTO_GENERATED);
      return { user: { name: `system:serviceaccount:${namespace}:${accountName}`, uid: accountUid, groups: accountGroups(namespace) }, audiences };
    } catch (error) {
      if (error instanceof JwtError || error instanceof MissingError) throw new TokenError(error.message);
      throw error;
    }
  }

  #lookUp(token: string, { namespace, secretName, accountName, accountUid }: SecretClaims): { readonly secret: V1Secret; readonly account: V1ServiceAccount } {
    const secret = this.#objects.get('secrets', namespace, secretName, { missing: INVALIDATED, deleted: INVALIDATED }) as V1Secret;
    if (!sameSecret(Buffer.from(secret.data?.['token'] ?? '', 'base64').toString('utf8'), token)) throw new MissingError("Token does not match server's copy");
    const account = this.#objects.get('serviceaccounts', namespace, accountName, {
      missing: `serviceaccounts ${JSON.stringify(accountName)} not found`,
      deleted: `ServiceAccount ${namespace}/${accountName} has been deleted`,
    }) as V1ServiceAccount;
    const { uid } = account.metadata;
    if (uid !== accountUid) throw new MissingError(`ServiceAccount UID (${uid}) does not match claim (${accountUid})`);
    return { secret, account };
  }

  /** Once a day. */
  async #use(secret: V1Secret): Promise<void> {
    const day = new Date(this.#clock.now()).toISOString().slice(0, 10);
    if (secret.metadata.labels?.[LAST_USED_LABEL] !== day) await this.#markUsed(secret, day);
  }
}

interface SecretClaims {
  readonly namespace: string;
  readonly secretName: string;
  readonly accountName: string;
  readonly accountUid: string;
}

function secretClaims(claims: Readonly<Record<string, unknown>>): SecretClaims {
  const claim = (name: string, title: string): string => {
    const value = claims[name];
    if (typeof value !== 'string' || value === '') throw new JwtError(`${title} claim is missing`);
    return value;
  };
  const subject = claim('sub', 'sub');
  const found: SecretClaims = {
    namespace: claim(`${PREFIX}namespace`, 'namespace'),
    secretName: claim(`${PREFIX}secret.name`, 'secretName'),
    accountName: claim(`${PREFIX}service-account.name`, 'serviceAccountName'),
    accountUid: claim(`${PREFIX}service-account.uid`, 'serviceAccountUID'),
  };
  const account = serviceAccountOf(subject);
  if (account?.namespace !== found.namespace || account.name !== found.accountName) throw new JwtError('sub claim is invalid');
  return found;
}
