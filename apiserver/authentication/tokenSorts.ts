import { createHash, timingSafeEqual } from 'node:crypto';
import type { V1Secret } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import { objectKey, type WatchCache } from '../storage/types.ts';
import type { UserInfo } from '../types.ts';
import type { TokenAuthenticator, TokenReviewResult } from './bearerToken.ts';
import { JwtError } from './jwt.ts';
import type { ServiceAccountTokens } from './serviceAccountTokens.ts';

/** Compares secrets without telling by its duration how much of them is right. */
function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** Tokens of service accounts, which this cluster signed. */
export class ServiceAccountTokenAuthenticator implements TokenAuthenticator {
  readonly #tokens: ServiceAccountTokens;

  constructor(tokens: ServiceAccountTokens) {
    this.#tokens = tokens;
  }

  async authenticateToken(token: string, audiences?: readonly string[]): Promise<TokenReviewResult | undefined> {
    if (!this.#tokens.claimsToBeOurs(token)) return undefined;
    try {
      return await this.#tokens.checkFresh(token, audiences);
    } catch (error) {
      if (error instanceof JwtError) return undefined;
      throw error;
    }
  }
}

/** `id.secret` of Secrets of type bootstrap.kubernetes.io/token in kube-system, with which new nodes introduce themselves. */
export class BootstrapTokenAuthenticator implements TokenAuthenticator {
  readonly #cache: WatchCache;
  readonly #clock: Clock;

  constructor(cache: WatchCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  async authenticateToken(token: string): Promise<TokenReviewResult | undefined> {
    const match = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token);
    if (!match) return undefined;
    const [, id = '', secret = ''] = match;
    const key = objectKey({ group: '', resource: 'secrets' }, 'kube-system', `bootstrap-token-${id}`);
    // A token that was made through another API server a moment ago.
    if (!this.#cache.get(key)) await this.#cache.consistent();
    const stored = this.#cache.get(key)?.object as V1Secret | undefined;
    if (stored?.type !== 'bootstrap.kubernetes.io/token' || stored.metadata.deletionTimestamp !== undefined) return undefined;
    const field = (name: string): string => Buffer.from(stored.data?.[name] ?? '', 'base64').toString('utf8');
    const expired = field('expiration') !== '' && Date.parse(field('expiration')) <= this.#clock.now();
    if (field('token-id') !== id || !sameSecret(field('token-secret'), secret) || expired || field('usage-bootstrap-authentication') !== 'true') return undefined;
    const extra = field('auth-extra-groups').split(',').filter((group) => /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group));
    return { user: { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }, audiences: [] };
  }
}

/** The lines `token,user,uid,"group1,group2"` of a `--token-auth-file`. */
export class StaticTokenAuthenticator implements TokenAuthenticator {
  readonly #users: readonly { readonly token: string; readonly user: UserInfo }[];

  constructor(csv: string) {
    this.#users = csv
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const [token = '', name = '', uid = '', groups = ''] = [...line.matchAll(/(?:"([^"]*)"|([^,]*))(?:,|$)/g)].map((match) => (match[1] ?? match[2] ?? '').trim());
        if (token === '' || name === '') throw new Error(`token auth file: "${line}" has no token or no user`);
        return { token, user: { name, uid, groups: groups.split(',').map((group) => group.trim()).filter((group) => group !== '') } };
      });
  }

  async authenticateToken(token: string): Promise<TokenReviewResult | undefined> {
    const found = this.#users.find((each) => sameSecret(each.token, token));
    return found && { user: found.user, audiences: [] };
  }
}
