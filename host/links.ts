import { checkCommand } from './command.ts';

/** The host's interfaces, routes and neighbours, by `ip` and `bridge` of iproute2. */
export class Links {
  readonly #prefix: readonly string[];

  /** `prefix`: words before each command, e.g. `nsenter --net=…` to stand in another host. */
  constructor(prefix: readonly string[] = []) {
    this.#prefix = prefix;
  }

  /** What a command prints, in JSON where it is told to; a `CommandError` where it fails. */
  show(program: 'ip' | 'bridge', words: readonly string[]): Promise<string> {
    return checkCommand([...this.#prefix, program, ...words]);
  }

  /** Runs all lines in one process, whatever becomes of each; a `CommandError` at the end tells what failed. */
  async batch(program: 'ip' | 'bridge', lines: readonly string[]): Promise<void> {
    await checkCommand([...this.#prefix, program, '-force', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }
}
