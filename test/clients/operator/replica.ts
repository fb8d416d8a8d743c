import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The last of what a replica said that is kept for when something goes wrong. */
const KEPT_CHARACTERS = 20_000;

/** A process of an operator; it says by its first line, in JSON, where its metrics are. */
export class Replica {
  readonly identity: string;
  readonly #child: ChildProcess;
  readonly #metrics: string;
  readonly #said: { text: string };

  private constructor(identity: string, child: ChildProcess, metrics: string, said: { text: string }) {
    this.identity = identity;
    this.#child = child;
    this.#metrics = metrics;
    this.#said = said;
  }

  static async start(identity: string, program: string, words: readonly string[]): Promise<Replica> {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
    const said = { text: '' };
    child.stderr.on('data', (piece: Buffer) => void (said.text = (said.text + piece.toString()).slice(-KEPT_CHARACTERS)));
    const lines = createInterface(child.stdout);
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(([code]) => Promise.reject(new Error(`${identity} ended with ${String(code)}: ${said.text}`)))])) as [string];
    return new Replica(identity, child, (JSON.parse(line) as { readonly metrics: string }).metrics, said);
  }

  /** What it wrote to stderr. */
  get said(): string {
    return this.#said.text;
  }

  /** Its metrics by name, with labels as they stand there. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`http://${this.#metrics}/metrics`)).text();
    return new Map(text.trimEnd().split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  }

  /** Ends it and waits until it has; does nothing when it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
