import { join } from 'node:path';
import type { ClusterSettings } from './clusterSettings.ts';
import { InterruptedError, type Invocation } from './invocation.ts';
import { lockHolder, releaseLock, takeLock } from './supervisor/supervisorFiles.ts';

const POLL_MILLISECONDS = 100;

/** Runs `action` while no other `up` or `down` of this cluster is at work: it is waited for, which is said. */
export async function inTurn<T>({ paths }: ClusterSettings, { terminal, clock, signal }: Invocation, action: () => Promise<T>): Promise<T> {
  const file = join(paths.run, 'change.lock');
  for (let told = false; !takeLock(paths, file); ) {
    const holder = lockHolder(paths, file);
    if (!told && holder) {
      terminal.say(`Another gantry command (process ${holder.pid}) is changing this cluster; waiting until it has ended …`);
      told = true;
    }
    await clock.sleep(POLL_MILLISECONDS, signal);
    if (signal.aborted) throw new InterruptedError('Interrupted; nothing was changed.');
  }
  try {
    return await action();
  } finally {
    releaseLock(paths, file);
  }
}
