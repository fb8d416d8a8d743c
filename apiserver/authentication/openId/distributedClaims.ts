import type https from 'node:https';
import type { Clock } from '../../../process/clock.ts';
import type { Dial } from '../../../process/dial.ts';
import { type JwtClaims, JwtError, readClaims, readHeader } from '../../../process/jwt.ts';
import { callHttps, RemoteError, retireAgent } from '../../remote/httpsCall.ts';
import { ClaimError } from './claimMapping.ts';
import { checkIdToken, checkSignature, type ClaimSource, claimSources, issuerOf } from './idToken.ts';
import { issuerAgent, IssuerKeys } from './issuerKeys.ts';

const TIMEOUT_MILLISECONDS = 30_000;
const MAXIMUM_BYTES = 1024 * 1024;
/** Issuers whose keys are remembered. There are very few: tokens of the configured issuer name them. */
const MOST_ISSUERS = 32;

/**
 * Where the groups of a verified token are, if elsewhere (OpenID Connect Core 1.0, 5.6.2); undefined: in the token, or nowhere. Aggregated claims, which
 * stand in the token as a token of their own, are passed over, as in Kubernetes.
 */
export function claimSource(claims: JwtClaims, claim: string): ClaimSource | undefined {
  if (Object.hasOwn(claims, claim)) return undefined;
  const source = claimSources(claims).get(claim);
  return source?.url ? source : undefined;
}

export interface DistributedClaimSettings {
  /** The claim that may be elsewhere. */
  readonly claim: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  /** PEM; undefined: the machine's authorities. */
  readonly authority: string | undefined;
  /** How issuers are reached, unless directly. */
  readonly dial: Dial | undefined;
}

/** Fetches the claim that a token says is elsewhere: a token of its own, of whichever issuer, for the same audiences. */
export class DistributedClaims {
  readonly #settings: DistributedClaimSettings;
  readonly #clock: Clock;
  readonly #agent: https.Agent;
  /** By issuer, the one that was asked for last in the last place. */
  readonly #keys = new Map<string, IssuerKeys>();

  constructor(settings: DistributedClaimSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#agent = issuerAgent(settings.authority, settings.dial);
  }

  /** The claims with the one that is elsewhere. Rejects with a ClaimError. */
  async expand(claims: JwtClaims): Promise<JwtClaims> {
    const { claim } = this.#settings;
    const source = claimSource(claims, claim);
    return source ? { ...claims, [claim]: await this.#resolve(source) } : claims;
  }

  close(): void {
    retireAgent(this.#agent);
    for (const keys of this.#keys.values()) keys.close();
  }

  async #resolve({ url, accessToken }: ClaimSource): Promise<unknown> {
    const { claim, audiences, algorithms } = this.#settings;
    const token = await this.#fetch(url, accessToken);
    const said = readClaims(token);
    const issuer = issuerOf(said);
    if (said === undefined || typeof issuer !== 'string') throw refused(`getting untrusted issuer from endpoint ${url} failed for claim ${JSON.stringify(claim)}: malformed token`);
    try {
      const rule = { issuer, audiences, algorithms };
      checkIdToken(said, rule, this.#clock.now());
      const found = checkSignature(token, await this.#keysOf(issuer).for(token), rule, readHeader(token)?.algorithm ?? '');
      if (!Object.hasOwn(found, claim)) throw refused(`jwt returned by distributed claim endpoint ${JSON.stringify(url)} did not contain claim: ${claim}`);
      return found[claim];
    } catch (error) {
      if (error instanceof RemoteError) throw refused(`verifying untrusted issuer ${issuer} failed: ${error.message}`);
      if (error instanceof JwtError) throw refused(`verify distributed claim token: ${error.message}`);
      throw error;
    }
  }

  async #fetch(url: string, accessToken: string): Promise<string> {
    const failed = (why: string): ClaimError => refused(`while getting distributed claim ${JSON.stringify(this.#settings.claim)}: ${why}`);
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') throw failed(`${JSON.stringify(url)} is no https URL`);
    const headers: Record<string, string> = accessToken === '' ? {} : { authorization: `Bearer ${accessToken}` };
    try {
      const { status, text } = await callHttps({ method: 'GET', url, headers, agent: this.#agent, timeoutMilliseconds: TIMEOUT_MILLISECONDS, maximumBytes: MAXIMUM_BYTES });
      if (status < 200 || status > 226) throw failed(`error while getting distributed claim JWT: ${status}`);
      return text;
    } catch (error) {
      throw error instanceof RemoteError ? failed(error.message) : error;
    }
  }

  #keysOf(issuer: string): IssuerKeys {
    const { authority, dial } = this.#settings;
    const keys = this.#keys.get(issuer) ?? new IssuerKeys({ url: issuer, ...(authority === undefined ? {} : { authority }), ...(dial ? { dial } : {}) }, this.#clock);
    this.#keys.delete(issuer);
    this.#keys.set(issuer, keys);
    const [oldest] = this.#keys;
    if (oldest && this.#keys.size > MOST_ISSUERS) {
      this.#keys.delete(oldest[0]);
      oldest[1].close();
    }
    return keys;
  }
}

const refused = (why: string): ClaimError => new ClaimError(`oidc: could not expand distributed claims: ${why}`);
