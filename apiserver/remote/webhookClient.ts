import { readFileSync } from 'node:fs';
import type https from 'node:https';
import type { Clock } from '../../process/clock.ts';
import { secureAgent } from '../../process/dial.ts';
import { callHttps, RemoteError, retireAgent } from './httpsCall.ts';
import type { RemoteConfig } from './remoteConfig.ts';

/** Kubernetes' `DefaultRetryBackoffWithInitialDelay`: so many attempts, with pauses that grow from half a second. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MILLISECONDS = 500;
const FACTOR = 1.5;
const MAXIMUM_BYTES = 3 * 1024 * 1024;
const TRANSIENT_STATUS: ReadonlySet<number> = new Set([429, 500, 504]);

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly timeoutMilliseconds: number;
}

/** Posts JSON to the server of a kubeconfig, at exactly the URL that it names. */
export class WebhookClient {
  readonly #config: RemoteConfig;
  readonly #options: WebhookClientOptions;
  #agent: https.Agent | undefined;
  /** The certificate that `#agent` shows; files are read for each call, so that renewed ones are used. */
  #shown = '';

  constructor(config: RemoteConfig, options: WebhookClientOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** The answer's JSON, after some attempts where it may help. Rejects with a RemoteError. */
  async post(object: object): Promise<unknown> {
    const body = JSON.stringify(object);
    let pause = FIRST_PAUSE_MILLISECONDS;
    for (let attempt = 1; ; attempt += 1, pause *= FACTOR) {
      try {
        return await this.#once(body);
      } catch (error) {
        if (!(error instanceof RemoteError) || !error.transient || attempt === ATTEMPTS) throw error;
        await this.#options.clock.sleep(pause);
      }
    }
  }

  /** Closes idle sockets; calls that are under way are finished. */
  close(): void {
    if (this.#agent) retireAgent(this.#agent);
  }

  async #once(body: string): Promise<unknown> {
    const url = this.#config.servers[0] ?? '';
    const token = await this.#token();
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const { status, text } = await callHttps({ method: 'POST', url, headers, body, agent: this.#agentNow(), timeoutMilliseconds: this.#options.timeoutMilliseconds, maximumBytes: MAXIMUM_BYTES });
    if (status < 200 || status > 299) throw new RemoteError(`Post ${JSON.stringify(url)}: the server answered with the status code ${status}`, TRANSIENT_STATUS.has(status));
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new RemoteError(`Post ${JSON.stringify(url)}: the answer is no JSON: ${(error as Error).message}`, false);
    }
  }

  async #token(): Promise<string | undefined> {
    const { token, tokenFile } = this.#config;
    if (typeof token === 'function') return token();
    return token ?? this.#read(tokenFile)?.trim();
  }

  #agentNow(): https.Agent {
    const { ca, tlsServerName, insecureSkipTLSVerify, certificate, certificateFile, key, keyFile, dial } = this.#config;
    const cert = certificate ?? this.#read(certificateFile);
    const privateKey = key ?? this.#read(keyFile);
    const shown = `${cert ?? ''}${privateKey ?? ''}`;
    if (this.#agent && shown === this.#shown) return this.#agent;
    this.close();
    this.#shown = shown;
    const options: https.AgentOptions = {
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      ...(insecureSkipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cert === undefined ? {} : { cert }),
      ...(privateKey === undefined ? {} : { key: privateKey }),
    };
    this.#agent = secureAgent(options, dial);
    return this.#agent;
  }

  #read(file: string | undefined): string | undefined {
    try {
      return file === undefined ? undefined : readFileSync(file, 'utf8');
    } catch (error) {
      throw new RemoteError((error as Error).message, false);
    }
  }
}
