import type { V1Pod } from '../../api/generated/types.ts';
import type { SyncContext } from './context.ts';

/** A source that is missing for the moment is looked for again. */
const RETRY_MILLISECONDS = 10_000;

/**
 * Brings the volumes of a running pod up to date; resolves to when that is due again. Where it fails the containers go on with what they
 * have, and the pod is told by an event.
 */
export async function refreshVolumes(context: SyncContext, pod: V1Pod): Promise<number | undefined> {
  try {
    return await context.volumes.refreshVolumes(pod);
  } catch (error) {
    if (context.signal.aborted) return undefined;
    context.events.pod(pod, 'Warning', 'FailedMount', error instanceof Error ? error.message : String(error));
    return context.clock.now() + RETRY_MILLISECONDS;
  }
}
