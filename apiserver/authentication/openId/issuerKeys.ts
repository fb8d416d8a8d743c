import type https from 'node:https';
import type { Clock } from '../../../process/clock.ts';
import { type Dial, secureAgent } from '../../../process/dial.ts';
import { JwtError, readHeader, readJsonWebKeySet, type VerificationKey } from '../../../process/jwt.ts';
import { callHttps, RemoteError, retireAgent } from '../../remote/httpsCall.ts';
import type { KeyFetchWatcher } from './keyFetches.ts';

const TIMEOUT_MILLISECONDS = 30_000;
const MAXIMUM_BYTES = 1024 * 1024;
/** A failed discovery is tried again after this long (`oidc.New`). */
const RETRY_MILLISECONDS = 10_000;
/** A token of an unknown key makes its issuer be asked again, but not more often than this: tokens cost nothing to make up. */
const REFRESH_MILLISECONDS = 1000;
const WELL_KNOWN = '/.well-known/openid-configuration';

export interface IssuerAddress {
  readonly url: string;
  readonly discoveryUrl?: string;
  /** PEM; undefined: the machine's authorities. */
  readonly authority?: string;
  /** How it is reached, unless directly. */
  readonly dial?: Dial;
}

/** Keeps connections to an issuer. */
export function issuerAgent(authority: string | undefined, dial: Dial | undefined): https.Agent {
  const options: https.AgentOptions = { keepAlive: true, ...(authority === undefined ? {} : { ca: authority }) };
  return secureAgent(options, dial);
}

/**
 * The keys of an issuer, by OpenID Connect discovery.
 * 1. They are fetched when they are first needed, and again for a token of a key that is not among them (keys are rotated).
 * 2. All who need them at a time wait for one answer.
 * 3. Where the issuer does not answer, what was fetched before stays.
 */
export class IssuerKeys {
  readonly #address: IssuerAddress;
  readonly #clock: Clock;
  readonly #agent: https.Agent;
  readonly #watcher: KeyFetchWatcher | undefined;
  #keysUrl: string | undefined;
  #keys: readonly VerificationKey[] = [];
  #fetching: Promise<void> | undefined;
  /** Monotonic milliseconds. */
  #fetchedAt = -Infinity;
  #failure: { readonly at: number; readonly error: RemoteError | JwtError } | undefined;

  constructor(address: IssuerAddress, clock: Clock, watcher?: KeyFetchWatcher) {
    this.#address = address;
    this.#clock = clock;
    this.#watcher = watcher;
    this.#agent = issuerAgent(address.authority, address.dial);
  }

  /** The keys among which that of the token is, if the issuer has it. Rejects with a RemoteError or JwtError where nothing is known at all. */
  async for(token: string): Promise<readonly VerificationKey[]> {
    const id = readHeader(token)?.keyId ?? '';
    if (this.#has(id)) return this.#keys;
    if (this.#clock.monotonic() - this.#fetchedAt >= REFRESH_MILLISECONDS) await (this.#fetching ??= this.#fetch());
    if (this.#keys.length === 0 && this.#failure) throw this.#failure.error;
    return this.#keys;
  }

  close(): void {
    retireAgent(this.#agent);
  }

  #has(id: string): boolean {
    return this.#keys.length > 0 && (id === '' || this.#keys.some((key) => key.id === id));
  }

  async #fetch(): Promise<void> {
    const now = this.#clock.monotonic();
    try {
      // What is known serves meanwhile: an issuer that is away is not asked over and over for a key that it may not have.
      if (this.#failure && this.#keys.length > 0 && now - this.#failure.at < RETRY_MILLISECONDS) return;
      this.#keysUrl ??= await this.#discover();
      this.#keys = readJsonWebKeySet(parse(this.#keysUrl, await this.#getKeys(this.#keysUrl)));
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof RemoteError) && !(error instanceof JwtError)) throw error;
      this.#failure = { at: now, error };
      // It may have moved its keys.
      this.#keysUrl = undefined;
    } finally {
      this.#fetchedAt = this.#clock.monotonic();
      this.#fetching = undefined;
    }
  }

  async #discover(): Promise<string> {
    const { url, discoveryUrl } = this.#address;
    const from = discoveryUrl ?? `${url.replace(/\/$/, '')}${WELL_KNOWN}`;
    const document = parse(from, await this.#get(from));
    const { issuer, jwks_uri: keysUrl } = (typeof document === 'object' && document !== null ? document : {}) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (issuer !== url) throw new JwtError(`oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(url)} got ${JSON.stringify(issuer ?? '')}`);
    if (typeof keysUrl !== 'string' || !keysUrl.startsWith('https://')) throw new JwtError(`oidc: the provider's jwks_uri ${JSON.stringify(keysUrl ?? '')} is no https URL`);
    return keysUrl;
  }

  async #getKeys(url: string): Promise<string> {
    try {
      const text = await this.#get(url);
      this.#watcher?.fetched(text);
      return text;
    } catch (error) {
      this.#watcher?.failed();
      throw error;
    }
  }

  async #get(url: string): Promise<string> {
    const { status, text } = await callHttps({ method: 'GET', url, agent: this.#agent, timeoutMilliseconds: TIMEOUT_MILLISECONDS, maximumBytes: MAXIMUM_BYTES });
    if (status !== 200) throw new RemoteError(`Get ${JSON.stringify(url)}: the server answered with the status code ${status}`, false);
    return text;
  }
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RemoteError(`Get ${JSON.stringify(url)}: the answer is no JSON: ${(error as Error).message}`, false);
  }
}
