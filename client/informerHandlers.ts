import type { KubeObject } from '../api/meta.ts';
import type { Logger } from '../process/log.ts';
import type { EventHandler } from './types.ts';

/** The handlers of one informer, told in the order in which they came; one that throws is logged and harms nobody else. */
export class InformerHandlers<T extends KubeObject> {
  readonly #logger: Logger;
  readonly #handlers: EventHandler<T>[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Tells a new handler of what there is, then of everything that comes. */
  add(handler: EventHandler<T>, present: readonly T[]): void {
    this.#handlers.push(handler);
    for (const object of present) this.#guard(() => handler.added?.(object, true));
  }

  added(object: T, initial: boolean): void {
    for (const handler of this.#handlers) this.#guard(() => handler.added?.(object, initial));
  }

  updated(previous: T, current: T): void {
    for (const handler of this.#handlers) this.#guard(() => handler.updated?.(previous, current));
  }

  deleted(object: T): void {
    for (const handler of this.#handlers) this.#guard(() => handler.deleted?.(object));
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error('a handler of an informer threw', { error });
    }
  }
}
