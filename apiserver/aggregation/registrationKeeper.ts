import { ApiError } from '../../api/apiError.ts';
import type { V1APIService } from '../../api/generated/types.ts';
import { apiService as definition } from '../../api/kinds/apiregistration/apiService.ts';
import type { Loopback } from '../bootstrap/loopback.ts';
import { DEFINITIONS } from '../customResources/definitionsResource.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../registry.ts';
import { resourcePrefix, type WatchCache } from '../storage/types.ts';
import { isAvailable } from './availability.ts';
import { AUTOMANAGED, localServices, ON_START, registrationSteps, type RegistrationStep } from './registration.ts';
import { API_SERVICES } from './remoteServices.ts';

export interface RegistrationParts {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: Loopback;
  readonly registry: Registry;
}

/** Definitions come in bunches: a chart brings twenty. */
const GATHER_MS = 50;
const RETRY_MS = 1_000;
/** Written at a time. */
const TOGETHER = 8;

/** Keeps the APIServices of what this server serves itself. */
export class RegistrationKeeper {
  readonly #parts: RegistrationParts;
  #timer: Timer | undefined;
  #busy = false;
  #started = false;
  #complete = false;
  #stopped = false;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /** Begins, until the signal is aborted. */
  start(signal: AbortSignal): void {
    const { cache } = this.#parts;
    const unsubscribe = [cache.subscribe(DEFINITIONS, () => this.#plan(GATHER_MS)), cache.subscribe(API_SERVICES, () => this.#plan(GATHER_MS))];
    this.#plan(0);
    signal.addEventListener(
      'abort',
      () => {
        this.#stopped = true;
        for (const stop of unsubscribe) stop();
        this.#timer?.cancel();
      },
      { once: true },
    );
  }

  /** For `/readyz`: which registrations of built-in groups have never been seen available. */
  trouble(): string | undefined {
    if (this.#complete) return undefined;
    const available = new Set(this.#present().filter(isAvailable).map(({ metadata }) => metadata.name));
    const missing = this.#wanted().flatMap(({ metadata: { name = '', labels } }) => (labels?.[AUTOMANAGED] === ON_START && !available.has(name) ? [name] : []));
    this.#complete = this.#started && missing.length === 0;
    return this.#complete ? undefined : `missing APIService: [${missing.join(' ')}]`;
  }

  #wanted(): ReturnType<typeof localServices> {
    return localServices(this.#parts.registry.all.map(({ definition }) => definition));
  }

  #present(): V1APIService[] {
    return this.#parts.cache.list(resourcePrefix(API_SERVICES)).map(({ object }) => object as V1APIService);
  }

  #plan(milliseconds: number): void {
    if (this.#stopped || this.#timer) return;
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#busy) this.#plan(GATHER_MS);
      else void this.#round();
    }, milliseconds);
  }

  async #round(): Promise<void> {
    this.#busy = true;
    try {
      const steps = registrationSteps(this.#wanted(), this.#present(), !this.#started);
      const results = await this.#carryOut(steps);
      if (results) this.#started = true;
      else this.#plan(RETRY_MS);
    } catch (error) {
      if (!this.#stopped) this.#parts.logger.warn('the API services of this server were not registered', { error });
      this.#plan(RETRY_MS);
    }
    this.#busy = false;
  }

  /** False where one of them has to be looked at again. */
  async #carryOut(steps: readonly RegistrationStep[]): Promise<boolean> {
    let done = true;
    const waiting = [...steps].reverse();
    const work = async (): Promise<void> => {
      for (let step = waiting.pop(); step && !this.#stopped; step = waiting.pop()) {
        try {
          await this.#carryOutOne(step);
        } catch (error) {
          if (!(error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound'))) throw error;
          done = false;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(TOGETHER, steps.length) }, work));
    return done;
  }

  async #carryOutOne(step: RegistrationStep): Promise<void> {
    const { client } = this.#parts;
    switch (step.kind) {
      case 'create':
        await client.create(definition, step.object);
        return;
      case 'update':
        await client.update(definition, step.object);
        return;
      case 'delete':
        await client.remove(definition, '', step.name, step.uid);
    }
  }
}
