import { readFileSync } from 'node:fs';
import { start } from '../../apiserver/main.ts';
import type { ApiServerConfig } from '../../apiserver/main.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';

/** An API server in a process of its own, to be killed: its configuration is the file that it is given, and its port what it prints. SIGTERM ends it gracefully. */
const config: ApiServerConfig = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const { port, stopped } = await start(config, { clock: systemClock, logger: silentLogger, signal: stop.signal });
process.stdout.write(`${port}\n`);
await stopped;
