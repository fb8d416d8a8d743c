import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { RigHost } from '../rig/host.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { History } from './history.ts';
import type { RecorderOptions } from './recorder.ts';

/** A recording in a host of the rig; what `Recording` says holds of it. */
export interface RemoteRecording {
  acknowledged(): Promise<number>;
  longestGap(): Promise<number>;
  finish(seconds: number): Promise<History>;
  close(): void;
}

/** Starts the recorder in a host that reaches the API servers. */
export async function recordIn(host: RigHost, options: RecorderOptions): Promise<RemoteRecording> {
  const child = host.spawn([process.execPath, join(repositoryRoot, 'test/chaos/runRecorder.ts')]);
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<unknown> => {
    child.stdin?.write(`${question}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`the recorder ended: ${complaints}`);
    return JSON.parse(value) as unknown;
  };
  await ask(JSON.stringify(options));
  return {
    acknowledged: async () => (await ask('acknowledged')) as number,
    longestGap: async () => (await ask('gap')) as number,
    finish: async (seconds) => (await ask(`finish ${seconds}`)) as History,
    // With its group: the child itself has only entered the host.
    close: () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    },
  };
}
