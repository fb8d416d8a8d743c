import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkCommand, type CommandOptions, type CommandResult, runCommand } from '../../host/command.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Ask } from './agent.ts';

/** A network namespace with an agent in it which asks and serves; it ends with this process, even when that one is killed. */
export class Namespace {
  readonly name: string;
  /** Words that make a command run in the namespace. */
  readonly enter: readonly string[];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (text: string) => void>();
  #lastId = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.enter = ['nsenter', `--net=/proc/${child.pid}/ns/net`];
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const { id, text } = JSON.parse(line) as { readonly id: number; readonly text: string };
      this.#waiting.get(id)?.(text);
      this.#waiting.delete(id);
    });
  }

  /** `within`: words that enter a namespace which is there already, instead of a new one. */
  static async open(name: string, { within = ['unshare', '--net'], port = 8080 }: { readonly within?: readonly string[]; readonly port?: number } = {}): Promise<Namespace> {
    const words = ['--pdeathsig', 'KILL', ...within, process.execPath, join(repositoryRoot, 'test/kube-proxy/agent.ts')];
    const namespace = new Namespace(name, spawn('setpriv', words, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await namespace.ask({ op: 'serve', port, name });
    await namespace.run(['ip', 'link', 'set', 'lo', 'up']);
    return namespace;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The answer's text, or the code of the failure (ECONNREFUSED, ETIMEDOUT…). */
  ask(ask: Ask): Promise<string> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify({ ...ask, id })}\n`);
    });
  }

  tcp(to: string, port: number, from?: string): Promise<string> {
    return this.ask({ op: 'tcp', to, port, ...(from ? { from } : {}) });
  }

  /** ETIMEDOUT where nothing comes back, not even that there is no way; that is waited for no longer than this. */
  silence(to: string, port: number): Promise<string> {
    return this.ask({ op: 'tcp', to, port, patience: 1_000 });
  }

  udp(to: string, port: number, from?: string): Promise<string> {
    return this.ask({ op: 'udp', to, port, ...(from ? { from } : {}) });
  }

  run(words: readonly string[], options?: CommandOptions): Promise<string> {
    return checkCommand([...this.enter, ...words], options);
  }

  exec(words: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return runCommand([...this.enter, ...words], options);
  }

  /** `ip -batch` with these lines. */
  async ip(...lines: readonly string[]): Promise<void> {
    await this.run(['ip', '-batch', '-'], { input: lines.join('\n') });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin!.end();
    await eventually(`${this.name} has ended`, 30_000, () => (this.#child.exitCode !== null ? true : undefined));
  }
}
