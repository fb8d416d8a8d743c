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

/** What a server says when it is asked whether it is ready; `silent`: nothing, in good time. */
export type ServerState = 'ready' | 'notReady' | 'silent';

/**
 * Finds servers that hold connections without use: a process that is stopped, or a host whose power was cut, says nothing; one that is cut off from
 * etcd hears of no change; and a watch may rightly be silent for a minute. While requests wait, the server is asked on a connection of its own. One
 * that does not answer loses them all, and so does one that is not ready while another one is.
 */
export class ServerWatchdog {
  readonly #clock: Clock;
  readonly #probe: (server: URL) => Promise<ServerState>;
  readonly #servers: () => readonly URL[];
  readonly #tracked = new Set<Tracked>();
  /** Ends the pause when nothing waits any more; undefined while nothing is watched over. */
  #idle: AbortController | undefined;

  constructor(clock: Clock, servers: () => readonly URL[], probe: (server: URL) => Promise<ServerState>) {
    this.#clock = clock;
    this.#servers = servers;
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
        const reason = await this.#whyLeave(server);
        if (reason === undefined) return;
        for (const each of waiting) if (each.server.href === server.href) each.request.destroy(new ConnectionError(`${server.host} ${reason}`));
      }),
    );
  }

  async #whyLeave(server: URL): Promise<string | undefined> {
    const state = await this.#probe(server);
    if (state === 'ready') return undefined;
    if (state === 'silent') return 'does not answer';
    const others = await Promise.all(this.#servers().filter(({ href }) => href !== server.href).map(this.#probe));
    return others.includes('ready') ? 'is not ready, and another server is' : undefined;
  }
}
