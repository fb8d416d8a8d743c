import { Worker } from 'node:worker_threads';
import type { ComponentCommand } from './component.ts';

/** Ends a thread's work as SIGTERM ends a process'. */
const STOP_MESSAGE = 'stop';

/**
 * A component in a thread of its own, which runs `program` (this same program) with the component's name and flags. Bursts of its work do not
 * delay what else the process does, and a thread costs a third of another process' memory (docs/decisions/threads.md).
 * A thread that ends unasked is an error, as a component that ends is.
 */
export function inThread(component: ComponentCommand, program: string): ComponentCommand {
  return {
    ...component,
    start: async (_, settings, { logger, signal }) => {
      const worker = new Worker(program, { argv: [component.name, ...settings.words] });
      worker.on('error', (error) => logger.error('the thread failed', { error }));
      const stop = (): void => worker.postMessage(STOP_MESSAGE);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      const stopped = new Promise<void>((resolve, reject) => {
        worker.once('exit', (code) => {
          signal.removeEventListener('abort', stop);
          if (signal.aborted) resolve();
          else reject(new Error(`the thread of ${component.name} ended with code ${code}`));
        });
      });
      return { stopped };
    },
  };
}
