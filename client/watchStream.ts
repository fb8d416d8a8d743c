import type { KubeObject } from '../api/meta.ts';
import type { WatchEvent } from './types.ts';

const NEWLINE = 10;

/** Cuts a stream of bytes into lines, without looking at any byte twice. */
export class LineSplitter {
  /** Pieces of a line whose end has not come yet. */
  #pieces: Buffer[] = [];

  /** The lines that this chunk completes, without their ends; empty ones are left out. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#pieces.length === 0 ? chunk.toString('utf8', start, end) : Buffer.concat([...this.#pieces.splice(0), chunk.subarray(start, end)]).toString('utf8');
      if (line !== '') lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#pieces.push(chunk.subarray(start));
    return lines;
  }

  /** True when the stream ended in the middle of a line. */
  get partial(): boolean {
    return this.#pieces.length > 0;
  }
}

/** Reads the events of a watch's body as they come. */
export async function* parseWatch<T extends KubeObject>(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent<T>> {
  const splitter = new LineSplitter();
  for await (const chunk of body) {
    for (const line of splitter.push(chunk)) yield JSON.parse(line) as WatchEvent<T>;
  }
}
