import type { V1Secret } from '../../api/generated/types.ts';
import { parseTimestamp } from '../../api/cel/values/time.ts';
import type { Clock } from '../../process/clock.ts';
import { objectKey, type WatchCache } from '../storage/types.ts';
import type { TokenAuthenticator, TokenReviewResult } from './bearerToken.ts';
import { sameSecret } from './sameSecret.ts';
import { commonAudiences } from './serviceAccounts/audiences.ts';

const NANOS_PER_MILLISECOND = 1_000_000n;
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

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
    const expired = field('expiration') !== '' && (parseTimestamp(field('expiration')) ?? 0n) <= BigInt(Math.floor(this.#clock.now())) * NANOS_PER_MILLISECOND;
    if (field('token-id') !== id || !sameSecret(field('token-secret'), secret) || expired || field('usage-bootstrap-authentication') !== 'true') return undefined;
    const extra = field('auth-extra-groups') === '' ? [] : field('auth-extra-groups').split(',');
    // A token for a group which it may not give is good for none.
    if (!extra.every((group) => EXTRA_GROUP.test(group))) return undefined;
    return { user: { name: `system:bootstrap:${id}`, groups: [...new Set(['system:bootstrappers', ...extra])].sort() }, audiences: [] };
  }
}

/** A sort that knows nothing of audiences: its tokens are good for the API server's own, `own`, and for nobody else (`WrapAudienceAgnosticToken`). */
export function forOwnAudiences(sort: TokenAuthenticator, own: readonly string[]): TokenAuthenticator {
  return {
    authenticateToken: async (token, wanted = own, notes) => {
      const audiences = commonAudiences(own, wanted);
      if (audiences.length === 0) return undefined;
      const found = await sort.authenticateToken(token, undefined, notes);
      return found && { ...found, audiences };
    },
  };
}
