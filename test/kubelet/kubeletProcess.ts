import { readFileSync } from 'node:fs';
import type { KubeletConfig } from '../../kubelet/config.ts';
import { start } from '../../kubelet/main.ts';
import { systemClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/log.ts';

// A kubelet in a process of its own, which can be killed. Its argument names a file with its configuration.
const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as KubeletConfig;
const running = await start(config, { clock: systemClock, logger: silentLogger, signal: new AbortController().signal });
await running.stopped;
