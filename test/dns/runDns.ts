import type { DnsConfig } from '../../dns/main.ts';
import { start } from '../../dns/main.ts';
import { systemClock } from '../../process/clock.ts';
import { createLogger } from '../../process/log.ts';

/** The cluster DNS as a process of its own, with the configuration of the first argument. */
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const { stopped } = await start(JSON.parse(process.argv[2] ?? '') as DnsConfig, { clock: systemClock, logger: createLogger('dns', { level: 'warn' }), signal: stop.signal });
process.stdout.write('listening\n');
await stopped;
process.exit(0);
