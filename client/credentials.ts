import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../process/clock.ts';
import type { ClientConfig } from './clientConfig.ts';

/** What identifies the client at one moment. */
export interface Credentials {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

/** How often a file is looked at; kubelets renew certificates hours, and projected tokens minutes, before their end. */
const CHECK_MILLISECONDS = 10_000;

/** Gives the credentials that a config names, and notices when a file of theirs was replaced. */
export class CredentialSource {
  readonly #config: ClientConfig;
  readonly #files: ReadonlyMap<string, WatchedFile>;

  constructor(config: ClientConfig, clock: Clock) {
    this.#config = config;
    const paths = [config.certificateFile, config.keyFile, config.tokenFile].filter((file) => file !== undefined);
    this.#files = new Map(paths.map((file) => [file, new WatchedFile(file, clock)]));
  }

  /** @throws what reading a file, or the token's source, throws */
  async current(): Promise<Credentials> {
    const { token } = this.#config;
    return {
      certificate: this.#config.certificate ?? this.#read(this.#config.certificateFile),
      key: this.#config.key ?? this.#read(this.#config.keyFile),
      token: typeof token === 'function' ? await token() : (token ?? this.#read(this.#config.tokenFile)?.trim()),
    };
  }

  /** The next `current` looks at the files, however recently it did: the server has just refused what they said. */
  distrust(): void {
    for (const file of this.#files.values()) file.distrust();
  }

  #read(file: string | undefined): string | undefined {
    return file === undefined ? undefined : this.#files.get(file)?.text();
  }
}

class WatchedFile {
  readonly #path: string;
  readonly #clock: Clock;
  #text = '';
  /** Inode, size and time of change of what `#text` was read from. */
  #version = '';
  #checkedAt = -Infinity;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  distrust(): void {
    this.#checkedAt = -Infinity;
  }

  text(): string {
    const now = this.#clock.monotonic();
    if (now - this.#checkedAt < CHECK_MILLISECONDS) return this.#text;
    const { ino, size, mtimeMs } = statSync(this.#path);
    const version = `${ino} ${size} ${mtimeMs}`;
    if (version !== this.#version) this.#text = readFileSync(this.#path, 'utf8');
    this.#version = version;
    this.#checkedAt = now;
    return this.#text;
  }
}
