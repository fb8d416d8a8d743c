import type { ComponentContext } from '../../process/component.ts';
import { WatchedFiles } from '../../process/watchedFiles.ts';

/** How soon a changed configuration is used, in milliseconds. */
const CHECK_EVERY = 1000;

/**
 * A configuration file that is read again when it changes. `read` makes of its text what is used; where it throws, the first time the
 * error is thrown on, later what was read before stays and the log says why.
 */
export class FollowedFile<T> {
  readonly #read: (text: string, previous: T | undefined) => T;
  #value: T;

  constructor(path: string, read: (text: string, previous: T | undefined) => T, { clock, logger, signal }: ComponentContext) {
    this.#read = read;
    let refused: string | undefined;
    const files = new WatchedFiles({
      paths: { config: path },
      accept: ({ config }) => {
        if (config === refused) return false;
        try {
          this.#value = this.#read(config, this.#value);
          refused = undefined;
          return true;
        } catch (error) {
          refused = config;
          logger.error('a configuration file has changed and cannot be used; what it said before stays', { path, error });
          return false;
        }
      },
      everyMilliseconds: CHECK_EVERY,
      clock,
      logger,
      signal,
    });
    this.#value = read(files.current.config, undefined);
  }

  get value(): T {
    return this.#value;
  }
}
