import type { Readable, Writable } from 'node:stream';

/** Which stream (1: stdout, 2: stderr), three empty bytes, and the length of what follows. */
const HEAD = 8;
const STDERR = 2;

/**
 * Takes apart what the engine sends of a process without a terminal, until it ends. Nothing more is read from the engine while one of the
 * streams is full: a client that reads slowly slows the process down, and never fills the memory.
 */
export async function splitOutput(from: Readable, stdout: Writable, stderr: Writable): Promise<void> {
  let head = Buffer.alloc(0);
  let left = 0;
  let to = stdout;
  for await (const chunk of from) {
    let bytes = chunk as Buffer;
    while (bytes.length > 0) {
      if (left === 0) {
        const taken = bytes.subarray(0, HEAD - head.length);
        head = Buffer.concat([head, taken]);
        bytes = bytes.subarray(taken.length);
        if (head.length < HEAD) break;
        to = head.readUInt8(0) === STDERR ? stderr : stdout;
        left = head.readUInt32BE(4);
        head = Buffer.alloc(0);
        continue;
      }
      const data = bytes.subarray(0, left);
      left -= data.length;
      bytes = bytes.subarray(data.length);
      await write(to, data);
    }
  }
}

/** Resolves when there is room for more, or nobody reads any more. */
async function write(to: Writable, data: Buffer): Promise<void> {
  if (to.destroyed || to.write(data)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.on('drain', done).on('close', done);
  });
}
