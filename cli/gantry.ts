import { existsSync } from 'node:fs';
import { homedir, hostname, networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/log.ts';
import { runGantry } from './runGantry.ts';
import { processTerminal } from './terminal.ts';
import { hostAddresses, readRoutes } from './up/hostFacts.ts';

/** The program `gantry`: the one place that handles signals, the environment and the exit code. */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second one means it.
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });
}
// A component in a thread is stopped by its process.
parentPort?.once('message', () => stop.abort());
// `gantry up | head` closes the pipe: nobody reads on, but the work is to be done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runGantry(process.argv.slice(2), {
  terminal: processTerminal,
  clock: systemClock,
  environment: process.env,
  home: homedir(),
  build: dirname(process.argv[1] ?? ''),
  node: process.execPath,
  signal: stop.signal,
  host: { hostname: hostname(), addresses: hostAddresses(networkInterfaces(), existsSync('/proc/net/route') ? readRoutes() : '') },
  logger: createLogger,
});
// Whatever a component has left open does not keep its process alive.
if (stop.signal.aborted) process.exit();
