import type { Clock } from '../../process/clock.ts';
import type { Storage } from './types.ts';

/** Kubernetes' default of `--etcd-readycheck-timeout` and `--etcd-healthcheck-timeout`. */
export const READY_CHECK_MS = 2_000;

/** Asks etcd for a majority's answer; resolves with undefined when it comes in time, else with why not, for `/readyz`. */
export async function etcdTrouble(storage: Storage, clock: Clock, milliseconds: number): Promise<string | undefined> {
  const answer = storage.currentRevision().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const done = new AbortController();
  const late = clock.sleep(milliseconds, done.signal).then(() => `etcd did not answer within ${milliseconds} ms`);
  const trouble = await Promise.race([answer, late]);
  done.abort();
  return trouble;
}
