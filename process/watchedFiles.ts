import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

const CHECK_EVERY_MS = 10_000;

export interface WatchedFilesOptions<Name extends string> {
  /** Path by name. */
  readonly paths: Readonly<Record<Name, string>>;
  /** Whether contents belong together (a key to its certificate); what does not is a set half written, and looked at again later. */
  readonly accept?: (contents: Readonly<Record<Name, string>>) => boolean;
  /** How often they are looked at; ten seconds unless given. */
  readonly everyMilliseconds?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Files whose contents are followed while the process runs: certificates that are renewed.
 * 1. `current` always has contents that were accepted together.
 * 2. A change is seen within ten seconds, however the file was replaced; a file that cannot be read changes nothing.
 */
export class WatchedFiles<Name extends string> {
  readonly #options: WatchedFilesOptions<Name>;
  readonly #listeners = new Set<() => void>();
  #current: Readonly<Record<Name, string>>;

  /** Reads all files at once; throws where one cannot be read. */
  constructor(options: WatchedFilesOptions<Name>) {
    this.#options = options;
    this.#current = mapValues(options.paths, (path) => readFileSync(path, 'utf8'));
    void this.#follow();
  }

  get current(): Readonly<Record<Name, string>> {
    return this.#current;
  }

  /** Called after each change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async #follow(): Promise<void> {
    const { clock, signal, logger, everyMilliseconds = CHECK_EVERY_MS } = this.#options;
    for (;;) {
      await clock.sleep(everyMilliseconds, signal);
      if (signal.aborted) return;
      try {
        await this.check();
      } catch (error) {
        logger.warn('files that may have changed were not taken over', { error });
      }
    }
  }

  /** Looks at the files now. */
  async check(): Promise<void> {
    const { paths, accept } = this.#options;
    const names = Object.keys(paths) as Name[];
    const contents = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(paths[name], 'utf8')]))) as Record<Name, string>;
    if (names.every((name) => contents[name] === this.#current[name]) || accept?.(contents) === false) return;
    this.#current = contents;
    this.#options.logger.info('files have changed and are used from now on', { files: names.map((name) => paths[name]) });
    for (const listener of this.#listeners) listener();
  }
}

function mapValues<Name extends string>(paths: Readonly<Record<Name, string>>, read: (path: string) => string): Record<Name, string> {
  return Object.fromEntries(Object.entries<string>(paths).map(([name, path]) => [name, read(path)])) as Record<Name, string>;
}
