import { existsSync, readFileSync } from 'node:fs';
import type { ClientConfig } from './clientConfig.ts';

/**
 * The API servers that a client may ask, and the one that it asks now: it stays with a server until that one fails, then goes on to the
 * next. Those of the config come first, then those of its `serversFile`, in an order of the client's own, so that a lost server's
 * clients spread over the others.
 */
export class ServerList {
  readonly #config: ClientConfig;
  readonly #random: () => number;
  #servers: readonly URL[];
  #current = 0;

  constructor(config: ClientConfig, random: () => number = Math.random) {
    if (config.servers.length === 0) throw new Error('a client needs the address of a server');
    this.#config = config;
    this.#random = random;
    this.#servers = this.#read();
  }

  get current(): URL {
    return this.#servers[this.#current]!;
  }

  get all(): readonly URL[] {
    return this.#servers;
  }

  get count(): number {
    return this.#servers.length;
  }

  /** The next server is asked from now on, unless another request's failure has seen to that already. The file is read again: it may tell of others by now. */
  failed(server: URL): void {
    if (this.current.href !== server.href) return;
    const next = this.#servers[(this.#current + 1) % this.#servers.length]!;
    this.#servers = this.#read();
    const at = this.#servers.findIndex(({ href }) => href === next.href);
    this.#current = at >= 0 ? at : 0;
  }

  #read(): readonly URL[] {
    const own = this.#config.servers.map((each) => new URL(each));
    const others = readServersFile(this.#config.serversFile)
      .map((each) => ({ url: new URL(each), at: this.#random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ url }) => url);
    return [...new Map([...own, ...others].map((url) => [url.href, url])).values()];
  }
}

/** The URLs in a servers file: a JSON array, replaced as a whole by who keeps it. */
export function readServersFile(file: string | undefined): readonly string[] {
  if (file === undefined || !existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')) as string[];
}
