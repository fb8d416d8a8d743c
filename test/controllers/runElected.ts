import { readFileSync } from 'node:fs';
import type { LeaseTimes } from '../../client/leaderElection.ts';
import { defaultControllerSettings, start as startControllerManager } from '../../controllers/main.ts';
import { systemClock } from '../../process/clock.ts';
import { createLogger } from '../../process/log.ts';
import { start as startScheduler } from '../../scheduler/main.ts';

/** What to run, as the file says that is given as the first word. */
export interface ElectedConfig {
  readonly component: 'controller-manager' | 'scheduler';
  readonly server: string;
  readonly identity: string;
  readonly leaderElect: boolean;
  readonly leaseTimes: LeaseTimes;
  /** For the controller manager. */
  readonly controllers: readonly string[];
  readonly clusterCA: string;
}

/** A controller manager or scheduler in a process of its own, to be paused and killed. */
const { component, server, ...config }: ElectedConfig = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const context = { clock: systemClock, logger: createLogger(config.identity, { level: 'error' }), signal: stop.signal };
const client = { servers: [server] };
const running = component === 'scheduler' ? await startScheduler({ ...config, kubeconfig: client }, context) : await startControllerManager({ ...config, client, settings: defaultControllerSettings }, context);
await running.stopped;
