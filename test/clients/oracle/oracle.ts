import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What one of Kubernetes' own libraries answers: a value or an error's text. */
export interface Answer<T> {
  readonly value?: T;
  readonly error?: string;
}

/** The Go program of `../go/oracle`, which is asked what Kubernetes' libraries do. Questions may overlap; answers come in their order. */
export class Oracle {
  readonly #program: ChildProcess;
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #ended: Promise<unknown>;

  constructor(path: string) {
    this.#program = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#program, 'exit');
    createInterface({ input: this.#program.stdout! }).on('line', (line) => this.#waiting.shift()?.(line));
  }

  async ask<T>(ask: string, question: object): Promise<Answer<T>> {
    const answered = new Promise<string>((resolve) => this.#waiting.push(resolve));
    this.#program.stdin!.write(`${JSON.stringify({ ask, ...question })}\n`);
    return JSON.parse(await answered) as Answer<T>;
  }

  async close(): Promise<void> {
    this.#program.stdin!.end();
    await this.#ended;
  }
}
