import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { badRequest, serviceUnavailable, tooManyRequests } from '../../api/apiError.ts';
import type { Clock, Timer } from '../../process/clock.ts';

export interface YamlQuestion {
  readonly bytes: Uint8Array;
  readonly maxDepth: number;
}

/** What the thread made of a document. */
export interface YamlText {
  readonly json: string;
  readonly duplicates: readonly string[];
  readonly error?: string;
}

/** The smallest body for which a thread is worth while: about 30 ms of parsing. */
const LARGE_BYTES = 16 * 1024;
/** Then a document is given up; 3 MiB take a few seconds. */
const LONGEST_MS = 30_000;
const IDLE_MS = 60_000;
/** Documents that may wait. */
const QUEUE_LIMIT = 64;
const THREAD_MEGABYTES = 512;

const texts = new WeakMap<Buffer, YamlText>();

/** What the thread made of these very bytes; undefined where it was not asked. */
export function readText(bytes: Buffer): YamlText | undefined {
  return texts.get(bytes);
}

interface Waiting {
  readonly body: Buffer;
  readonly maxDepth: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Reads large YAML bodies in a thread, one after the other, so that nobody waits for them but who sent them. The thread is started when it is needed, and ends when it has nothing to do for a minute. */
export class YamlThread {
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #present: Waiting | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Has a body read, if it is large YAML; then `readText` knows it. Given up at the signal. Rejects with 429 where too many wait, and with 400 where it takes too long. */
  prepare(body: Buffer, contentType: string | undefined, maxDepth: number, signal?: AbortSignal): Promise<void> | undefined {
    if (body.length < LARGE_BYTES || !contentType?.includes('yaml')) return undefined;
    if (this.#waiting.length >= QUEUE_LIMIT) return Promise.reject(tooManyRequests('Too many requests, please try again later.', 1));
    return new Promise<void>((done, reject) => {
      const waiting = { body, maxDepth, resolve: done, reject };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', () => this.#leave(waiting), { once: true });
      this.#next();
    });
  }

  /** Nobody wants it any more: those behind it need not wait for it. */
  #leave(waiting: Waiting): void {
    const error = serviceUnavailable('the client has gone');
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) {
      this.#waiting.splice(at, 1);
      waiting.reject(error);
    } else if (this.#present === waiting) this.#fail(error);
  }

  /** Gives up all that waits. */
  close(): void {
    const error = serviceUnavailable('the server stops');
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    this.#fail(error);
  }

  #next(): void {
    if (this.#present) return;
    this.#timer?.cancel();
    this.#present = this.#waiting.shift();
    if (!this.#present) {
      this.#timer = this.#clock.setTimeout(() => this.#end(), IDLE_MS);
      return;
    }
    const { body, maxDepth } = this.#present;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ bytes: body, maxDepth } satisfies YamlQuestion);
    this.#timer = this.#clock.setTimeout(() => this.#fail(badRequest('error converting YAML to JSON: yaml: the document takes too long to be read')), LONGEST_MS);
  }

  #start(): Worker {
    const worker = new Worker(workerFile(), { resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES } });
    worker.unref();
    worker.on('message', (text: YamlText) => {
      const answered = this.#present;
      if (!answered || worker !== this.#worker) return;
      texts.set(answered.body, text);
      this.#present = undefined;
      answered.resolve();
      this.#next();
    });
    worker.on('error', (error: unknown) => {
      if (worker === this.#worker) this.#fail(badRequest(`error converting YAML to JSON: yaml: the document cannot be read: ${error instanceof Error ? error.message : String(error)}`));
    });
    return worker;
  }

  /** Gives the present document up, and the thread with it; the others get another one. */
  #fail(error: Error): void {
    const failed = this.#present;
    this.#present = undefined;
    this.#end();
    failed?.reject(error);
    if (this.#waiting.length > 0) this.#next();
  }

  #end(): void {
    this.#timer?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}

/** The thread's program: beside the one that runs (`dist/`), or in the repository. */
function workerFile(): string {
  for (const start of [process.argv[1] ?? '', process.cwd()]) {
    for (let folder = resolve(start); ; folder = dirname(folder)) {
      const found = [join(folder, 'yamlWorker.mjs'), join(folder, 'apiserver', 'codec', 'yamlWorker.ts')].find((file) => existsSync(file));
      if (found !== undefined) return found;
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error('the program that reads YAML is missing: build again');
}
