import type { V1SubjectAccessReviewSpec } from '../../../api/generated/types.ts';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { ExpiringCache } from '../../remote/expiringCache.ts';
import { RemoteError } from '../../remote/httpsCall.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from '../../types.ts';
import { accessReviewSpec } from '../accessReviewSpec.ts';
import type { ResolvedRules, RuleResolver } from '../ruleResolver.ts';
import { inTurns } from '../../inTurns.ts';
import type { MatchConditions } from './matchConditions.ts';

/** Answers are remembered, but not those to questions whose text a client has blown up. */
const MAXIMUM_ANSWERS = 8192;
const MAXIMUM_ASKED_LENGTH = 10_000;

export interface WebhookAuthorizerSettings {
  readonly name: string;
  /** `v1`, `v1beta1`. */
  readonly version: string;
  /** Milliseconds; 0: not remembered. */
  readonly authorizedTTL: number;
  readonly unauthorizedTTL: number;
  /** What a question counts for that could not be asked. */
  readonly denyOnError: boolean;
  /** Undefined: everything is asked. */
  readonly conditions?: MatchConditions;
}

/** Posts a review and gives the answer; `WebhookClient`. */
export interface ReviewPoster {
  post(object: object): Promise<unknown>;
}

/** Asks a webhook, by SubjectAccessReviews (`plugin/pkg/authorizer/webhook`). */
export class WebhookAuthorizer implements Authorizer, RuleResolver {
  readonly #settings: WebhookAuthorizerSettings;
  readonly #poster: ReviewPoster;
  readonly #logger: Logger;
  readonly #answers: ExpiringCache<Decision>;

  constructor(settings: WebhookAuthorizerSettings, poster: ReviewPoster, clock: Clock, logger: Logger) {
    this.#settings = settings;
    this.#poster = poster;
    this.#logger = logger;
    this.#answers = new ExpiringCache(clock, MAXIMUM_ANSWERS);
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    const spec = accessReviewSpec(attributes);
    const { conditions } = this.#settings;
    return conditions ? this.#matched(conditions, spec, attributes) : this.#remembered(spec, attributes);
  }

  async #matched(conditions: MatchConditions, spec: V1SubjectAccessReviewSpec, attributes: AuthorizationAttributes): Promise<Decision> {
    const matched = await inTurns(conditions.match(attributes, spec));
    if ('error' in matched) return this.#failed(matched.error);
    return matched.matches ? this.#remembered(spec, attributes) : { allowed: false, reason: '' };
  }

  rulesFor(): ResolvedRules {
    return { rules: [], errors: ['webhook authorizer does not support user rule resolution'], incomplete: true };
  }

  async #remembered(spec: V1SubjectAccessReviewSpec, asked: AuthorizationAttributes): Promise<Decision> {
    const { authorizedTTL, unauthorizedTTL } = this.#settings;
    try {
      const lifetime = ({ allowed }: Decision): number => (isLong(asked) ? 0 : allowed ? authorizedTTL : unauthorizedTTL);
      return await this.#answers.get(JSON.stringify(spec), () => this.#ask(spec), lifetime);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      this.#logger.error('Failed to make webhook authorizer request', { authorizer: this.#settings.name, error: error.message });
      return this.#failed(error.message);
    }
  }

  async #ask(spec: V1SubjectAccessReviewSpec): Promise<Decision> {
    const { version } = this.#settings;
    const { groups, ...rest } = spec;
    // The first beta had the groups under another name.
    const sent = version === 'v1' || groups === undefined ? spec : { ...rest, group: groups };
    const answer = await this.#poster.post({ kind: 'SubjectAccessReview', apiVersion: `authorization.k8s.io/${version}`, metadata: {}, spec: sent, status: { allowed: false } });
    return decisionOf(answer);
  }

  #failed(error: string): Decision {
    return { allowed: false, denied: this.#settings.denyOnError, reason: '', error };
  }
}

/** What a webhook said; anything that is no review is an error. */
export function decisionOf(answer: unknown): Decision {
  const { status } = (typeof answer === 'object' && answer !== null ? answer : {}) as { readonly status?: unknown };
  if (typeof status !== 'object' || status === null) throw new RemoteError('webhook authorizer: the answer is no SubjectAccessReview', false);
  const { allowed, denied, reason } = status as { readonly allowed?: unknown; readonly denied?: unknown; readonly reason?: unknown };
  const why = typeof reason === 'string' ? reason : '';
  if (allowed === true && denied === true) return { allowed: false, denied: true, reason: why, error: 'webhook subject access review returned both allow and deny response' };
  if (denied === true) return { allowed: false, denied: true, reason: why };
  return { allowed: allowed === true, reason: why };
}

function isLong({ namespace, verb, group, version, resource, subresource, name, path, fieldSelector = '', labelSelector = '' }: AuthorizationAttributes): boolean {
  return [namespace, verb, group, version, resource, subresource, name, path, fieldSelector, labelSelector].reduce((sum, text) => sum + text.length, 0) >= MAXIMUM_ASKED_LENGTH;
}
