import type { ClientRequest } from 'node:http';
import type { Clock } from '../process/clock.ts';
import { ConnectionError } from './connectionError.ts';

interface Tracked {
  readonly server: URL;
  readonly request: ClientRequest;
  readonly since: number;
  readonly long: boolean;
}

/** How long an ordinary request may go unanswered before its server is asked whether it is there at all; also the pause between such questions. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * Finds servers that hold connections without answering: a process that is stopped, or a host whose power was cut, says nothing, and a watch may
 * rightly be silent for a minute. While requests wait, the server is asked on a connection of its own; one that does not answer loses them all.
 */
export class ServerWatchdog {
  readonly #clock: Clock;
  readonly #probe: (server: URL) => Promise<boolean>;
  readonly #tracked = new Set<Tracked>();
  /** Ends the pause when nothing waits any more; undefined while nothing is watched over. */
  #idle: AbortController | undefined;

  /** `probe` resolves to whether the server gave any answer in good time. */
  constructor(clock: Clock, probe: (server: URL) => Promise<boolean>) {
    this.#clock = clock;
    this.#probe = probe;
  }

  /** Watches over a request until the function that it gives is called. */
  track(server: URL, request: ClientRequest, long: boolean): () => void {
    const entry = { server, request, long, since: this.#clock.monotonic() };
    this.#tracked.add(entry);
    if (!this.#idle) this.#run().catch((error: unknown) => request.destroy(new ConnectionError('the server cannot be watched', { cause: error })));
    return () => {
      this.#tracked.delete(entry);
      if (this.#tracked.size === 0) this.#idle?.abort();
    };
  }

  async #run(): Promise<void> {
    do {
      this.#idle = new AbortController();
      await this.#clock.sleep(PATIENCE_MILLISECONDS, this.#idle.signal);
      await this.#round();
    } while (this.#tracked.size > 0);
    this.#idle = undefined;
  }

  async #round(): Promise<void> {
    const waiting = [...this.#tracked].filter(({ long, since }) => long || this.#clock.monotonic() - since >= PATIENCE_MILLISECONDS);
    const servers = new Map(waiting.map(({ server }) => [server.href, server]));
    await Promise.all(
      [...servers.values()].map(async (server) => {
        if (await this.#probe(server)) return;
        for (const each of waiting) if (each.server.href === server.href) each.request.destroy(new ConnectionError(`${server.host} does not answer`));
      }),
    );
  }
}
