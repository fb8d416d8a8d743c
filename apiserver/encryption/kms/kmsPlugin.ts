import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { kmsTimeout } from '../encryptionConfiguration.ts';
import type { KmsProvider } from '../encryptionConfiguration.ts';
import { KmsService } from './kmsService.ts';
import { KmsTransformer } from './kmsTransformer.ts';
import type { KmsStatus } from './messages.ts';

/** Kubernetes' `kmsPluginHealthzPositiveTTL` and `NegativeTTL`: how long an answer stands for those who ask for the health. */
const HEALTHY_MS = 20_000;
const UNHEALTHY_MS = 3_000;
/** How often the plugin is asked for its key when all is well, and when not. */
const POLL_MS = 60_000;
const POLL_AGAIN_MS = 10_000;

/** A KMS plugin of the configuration: its transformer, kept up to date by asking the plugin for its status. */
export class KmsPlugin {
  readonly name: string;
  readonly transformer: KmsTransformer;
  readonly #service: KmsService;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #trouble: string | undefined;
  #checked = Number.NEGATIVE_INFINITY;

  constructor(provider: KmsProvider, clock: Clock, logger: Logger) {
    this.name = provider.name;
    this.#service = new KmsService(provider.endpoint, kmsTimeout(provider), clock);
    this.transformer = new KmsTransformer(this.#service, clock, randomUUID);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Asks the plugin for its status at once; gives why it can not be used, if so. */
  async check(): Promise<string | undefined> {
    try {
      const status = await this.#service.status();
      const faults = faultsOf(status);
      if (faults.length > 0) throw new Error(`kmsv2 Provider ${this.name} is not healthy, error: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`);
      await this.transformer.follow(status);
      this.#trouble = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#trouble !== reason) this.#logger.warn('a KMS plugin can not be used', { plugin: this.name, cause: reason });
      this.#trouble = reason;
    }
    this.#checked = this.#clock.monotonic();
    return this.#trouble;
  }

  /** For health checks: what is known, unless that is old. */
  async trouble(): Promise<string | undefined> {
    const age = this.#clock.monotonic() - this.#checked;
    return age < (this.#trouble === undefined ? HEALTHY_MS : UNHEALTHY_MS) ? this.#trouble : this.check();
  }

  /** Keeps asking until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#trouble === undefined ? POLL_MS : POLL_AGAIN_MS, signal);
      if (!signal.aborted) await this.check();
    }
    await this.#service.close();
  }
}

function faultsOf({ healthz, version, keyId }: KmsStatus): string[] {
  return [
    ...(healthz === 'ok' ? [] : [`got unexpected healthz status: ${healthz}`]),
    ...(version === 'v2' || version === 'v2beta1' ? [] : [`expected KMSv2 API version v2, got ${version}`]),
    ...(keyId === '' ? ['expected KMSv2 KeyID to be set, got '] : []),
  ];
}
