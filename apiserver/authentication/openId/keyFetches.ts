import { createHash } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import type { Metrics } from '../../../process/metrics.ts';

const RESULTS = ['success', 'failure'] as const;

/** Of one issuer, in seconds since 1970. */
interface Fetches {
  success?: number;
  failure?: number;
  /** Of the keys' document as it came. */
  hash?: string;
}

/** Told how fetches of one issuer's keys end. */
export interface KeyFetchWatcher {
  /** `text` is the document that came. */
  fetched(text: string): void;
  failed(): void;
}

/** When the keys of the configured issuers were last fetched, and which came (StructuredAuthenticationConfigurationJWKSMetrics). Issuers that are no longer configured are forgotten. */
export class KeyFetches {
  readonly #clock: Clock;
  readonly #issuers = new Map<string, Fetches>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(issuer: string): KeyFetchWatcher {
    return {
      fetched: (text) => this.#note(issuer, { success: this.#clock.now() / 1000, hash: hashOf(text) }),
      failed: () => this.#note(issuer, { failure: this.#clock.now() / 1000 }),
    };
  }

  /** Forgets all issuers but these. */
  keepOnly(issuers: readonly string[]): void {
    for (const issuer of this.#issuers.keys()) if (!issuers.includes(issuer)) this.#issuers.delete(issuer);
  }

  /** Adds the figures to those of the server with this identity. */
  register(metrics: Metrics, server: string): void {
    const times = metrics.gauge(
      'apiserver_authentication_jwt_authenticator_jwks_fetch_last_timestamp_seconds',
      'Timestamp of the last successful or failed JWKS fetch split by result, api server identity and jwt issuer for the JWT authenticator.',
      ['result', 'jwt_issuer_hash', 'apiserver_id_hash'],
    );
    const sets = metrics.gauge(
      'apiserver_authentication_jwt_authenticator_jwks_fetch_last_key_set_info',
      'Information about the last JWKS fetched by the JWT authenticator with hash as label, split by api server identity and jwt issuer.',
      ['jwt_issuer_hash', 'apiserver_id_hash', 'hash'],
    );
    metrics.beforeScrape(() => {
      times.reset();
      sets.reset();
      for (const [issuer, fetches] of this.#issuers) {
        const labels = { jwt_issuer_hash: hashOf(issuer), apiserver_id_hash: hashOf(server) };
        for (const result of RESULTS) if (fetches[result] !== undefined) times.set({ result, ...labels }, fetches[result]);
        if (fetches.hash !== undefined) sets.set({ ...labels, hash: fetches.hash }, 1);
      }
    });
  }

  #note(issuer: string, latest: Fetches): void {
    this.#issuers.set(issuer, { ...this.#issuers.get(issuer), ...latest });
  }
}

const hashOf = (text: string): string => (text === '' ? '' : `sha256:${createHash('sha256').update(text).digest('hex')}`);
