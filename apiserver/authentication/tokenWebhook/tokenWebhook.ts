import { createHash } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { ExpiringCache } from '../../remote/expiringCache.ts';
import { RemoteError } from '../../remote/httpsCall.ts';
import type { UserInfo } from '../../types.ts';
import { type TokenAuthenticator, TokenError, type TokenReviewResult } from '../bearerToken.ts';
import { commonAudiences } from '../serviceAccounts/audiences.ts';

/** Kubernetes' token cache holds so many answers. */
const MAXIMUM_ANSWERS = 4096;

/** Posts a review and gives the answer; `WebhookClient`. */
export interface TokenReviewPoster {
  post(object: object): Promise<unknown>;
}

export interface TokenWebhookSettings {
  /** `v1`, `v1beta1`. */
  readonly version: string;
  /** How long an answer is remembered, in milliseconds. */
  readonly cacheTTL: number;
  /** The API server's own, which an answer without audiences stands for. */
  readonly audiences: readonly string[];
}

interface WebhookAnswer {
  readonly result?: TokenReviewResult;
  readonly error?: string;
}

/** Asks a webhook whose token it is, by TokenReviews (`plugin/pkg/authenticator/token/webhook`). */
export class TokenWebhook implements TokenAuthenticator {
  readonly #settings: TokenWebhookSettings;
  readonly #poster: TokenReviewPoster;
  readonly #logger: Logger;
  readonly #answers: ExpiringCache<WebhookAnswer>;

  constructor(settings: TokenWebhookSettings, poster: TokenReviewPoster, clock: Clock, logger: Logger) {
    this.#settings = settings;
    this.#poster = poster;
    this.#logger = logger;
    this.#answers = new ExpiringCache(clock, MAXIMUM_ANSWERS);
  }

  async authenticateToken(token: string, audiences: readonly string[] = this.#settings.audiences): Promise<TokenReviewResult | undefined> {
    const key = createHash('sha256').update(JSON.stringify([token, audiences])).digest('base64');
    try {
      const { result, error } = await this.#answers.get(key, () => this.#ask(token, audiences), () => this.#settings.cacheTTL);
      if (error !== undefined) throw new TokenError(error);
      return result;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      this.#logger.error('Failed to make webhook authenticator request', { error: error.message });
      throw new TokenError(error.message);
    }
  }

  async #ask(token: string, audiences: readonly string[]): Promise<WebhookAnswer> {
    const spec = { token, ...(audiences.length === 0 ? {} : { audiences }) };
    const answer = await this.#poster.post({ kind: 'TokenReview', apiVersion: `authentication.k8s.io/${this.#settings.version}`, metadata: {}, spec, status: { user: {} } });
    return readAnswer(answer, audiences, this.#settings.audiences);
  }
}

/** What a webhook said of a token; anything that is no review is an error. */
export function readAnswer(answer: unknown, wanted: readonly string[], own: readonly string[]): WebhookAnswer {
  const { status } = (typeof answer === 'object' && answer !== null ? answer : {}) as { readonly status?: unknown };
  if (typeof status !== 'object' || status === null) throw new RemoteError('webhook authenticator: the answer is no TokenReview', false);
  const { authenticated, user, audiences, error } = status as Readonly<Record<string, unknown>>;
  const given = strings(audiences);
  const common = commonAudiences(wanted, given.length > 0 ? given : own);
  if (wanted.length > 0 && common.length === 0) return {};
  if (authenticated === true) return { result: { user: readUser(user), audiences: common } };
  return typeof error === 'string' && error !== '' ? { error } : {};
}

function readUser(value: unknown): UserInfo {
  const { username, uid, groups, extra } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const extras = Object.entries(typeof extra === 'object' && extra !== null ? extra : {}).map(([key, values]) => [key, strings(values)]);
  return {
    name: typeof username === 'string' ? username : '',
    groups: strings(groups),
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(extras.length === 0 ? {} : { extra: Object.fromEntries(extras) as Record<string, string[]> }),
  };
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []);
