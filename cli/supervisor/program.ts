import { hostname } from 'node:os';
import { systemClock } from '../../process/clock.ts';
import { parseFlags } from '../../process/flags.ts';
import { createPlainLogger } from '../../process/logLine.ts';
import { clusterFlags, clusterSettings } from '../clusterSettings.ts';
import { start } from './main.ts';

/**
 * The supervisor as a program of its own, with the flags of every command: it does nothing most of the time, and loads only what that
 * takes. Here it handles signals and the exit code, as `cli/gantry.ts` does for the rest.
 */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const logger = createPlainLogger('supervisor', (text) => void process.stderr.write(text), () => systemClock.now());
try {
  const { values } = parseFlags(clusterFlags, process.argv.slice(2));
  // Of the settings it takes the paths, which no address is part of.
  const { paths } = clusterSettings(values, { hostname: hostname(), addresses: ['127.0.0.1'] });
  const running = await start({ paths }, { clock: systemClock, logger, signal: stop.signal });
  await running.stopped;
} catch (error) {
  logger.error('ends', { error });
  process.exitCode = 1;
}
// Whatever was left open does not keep the process alive.
if (stop.signal.aborted) process.exit();
