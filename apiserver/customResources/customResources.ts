import { customDefinitions, type ConversionFor } from '../../api/customResources/customDefinitions.ts';
import { isEstablished, isSettled } from '../../api/kinds/apiextensions/conditions.ts';
import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../registry.ts';
import type { CacheEvent, Storage, WatchCache } from '../storage/types.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import { boundPatterns } from './boundPatterns.ts';
import { cleanUp } from './cleanUp.ts';
import { DEFINITIONS } from './definitionsResource.ts';
import { settleStatus } from './settleStatus.ts';

export interface CustomResourcesParts {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly registry: Registry;
  readonly schema: Schema;
  /** How objects are converted whose definition names a webhook. */
  readonly conversionFor: ConversionFor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest pause before a definition that could not be settled is tried again. */
const RETRY_MS = 200;

type Definition = V1CustomResourceDefinition;

/**
 * Serves what CustomResourceDefinitions ask for.
 * 1. A definition is served from the moment in which its acceptance reaches this server's memory, and no longer when it is gone; every API server does this
 *    for itself, from etcd's events alone.
 * 2. Every API server accepts names and cleans up behind deleted definitions; each write compares what it rests on, so that one of them wins.
 */
export class CustomResources {
  readonly #parts: CustomResourcesParts;
  readonly #waiting = new Set<string>();
  /** What each definition was when it was last taken into the registry; what does not differ in it is not taken in again. */
  readonly #taken = new Map<string, string>();
  #working = false;

  constructor(parts: CustomResourcesParts) {
    this.#parts = parts;
    boundPatterns();
  }

  /** Takes in what is there, and everything that comes, until the signal is aborted. */
  start(signal: AbortSignal): void {
    const { cache } = this.#parts;
    for (const { object } of cache.list(resourcePrefix(DEFINITIONS))) this.#take(object as Definition, signal);
    const unsubscribe = cache.subscribe(DEFINITIONS, (event) => this.#observe(event, signal));
    signal.addEventListener('abort', unsubscribe, { once: true });
  }

  #observe(event: CacheEvent, signal: AbortSignal): void {
    if (event.type === 'put') {
      this.#take(event.current.object as Definition, signal);
      return;
    }
    const gone = event.last.object as Definition;
    const { name } = gone.metadata;
    this.#taken.delete(name);
    this.#parts.registry.setCustom(name, []);
    // Its names are free for those who wanted them, too.
    for (const other of this.#group(gone.spec.group)) this.#enqueue(other.metadata.name, signal);
  }

  #take(definition: Definition, signal: AbortSignal): void {
    const { name, uid, generation, deletionTimestamp } = definition.metadata;
    const identity = JSON.stringify([uid, generation, deletionTimestamp !== undefined, isEstablished(definition), definition.status?.acceptedNames]);
    if (this.#taken.get(name) !== identity) {
      this.#taken.set(name, identity);
      try {
        this.#parts.registry.setCustom(name, this.#overlaps(definition) ? [] : customDefinitions(definition, this.#parts.conversionFor));
      } catch (error) {
        // One definition that cannot be served (written past the API) must not stop the others.
        this.#parts.logger.error('a custom resource definition cannot be served', { name, error });
        this.#parts.registry.setCustom(name, []);
      }
    }
    this.#enqueue(name, signal);
  }

  /** Built-in kinds are kept where a custom resource of the same name would be. */
  #overlaps({ spec }: Definition): boolean {
    return this.#parts.registry.hasBuiltin(spec.group, spec.names.plural);
  }

  #group(group: string): Definition[] {
    return this.#parts.cache.list(resourcePrefix(DEFINITIONS)).map(({ object }) => object as Definition).filter(({ spec }) => spec.group === group);
  }

  #enqueue(name: string, signal: AbortSignal): void {
    this.#waiting.add(name);
    if (this.#working) return;
    this.#working = true;
    void this.#work(signal);
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size > 0 && !signal.aborted) {
      const names = [...this.#waiting];
      this.#waiting.clear();
      const unsettled = await Promise.all(names.map((name) => this.#settle(name)));
      const again = names.filter((_, index) => unsettled[index]);
      if (again.length === 0) continue;
      // The others need not wait for it.
      this.#parts.clock.setTimeout(() => {
        for (const name of again) if (!signal.aborted) this.#enqueue(name, signal);
      }, RETRY_MS);
    }
    this.#working = false;
  }

  /** Does what is to be done for one definition; true where it must be looked at again. */
  async #settle(name: string): Promise<boolean> {
    const { cache, logger } = this.#parts;
    const stored = cache.get(objectKey(DEFINITIONS, '', name));
    if (!stored) return false;
    const definition = stored.object as Definition;
    try {
      if (definition.metadata.deletionTimestamp !== undefined) return await cleanUp(this.#parts, stored);
      if (isSettled(definition)) return false;
      return await settleStatus(this.#parts, stored, this.#group(definition.spec.group).filter(({ metadata }) => metadata.name !== name));
    } catch (error) {
      logger.warn('a custom resource definition could not be settled', { name, error });
      return true;
    }
  }
}
