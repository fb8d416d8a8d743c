import type { V1Job } from '../api/generated/types.ts';
import { objectKey } from '../client/objectKey.ts';
import { Jobs } from '../client/resources.ts';
import { type Controller, splitKey } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';

/** Deletes finished Jobs `ttlSecondsAfterFinished` after their end. Key: the Job's. */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  workers: 5,
  setup({ client, informers, clock }, queue) {
    const jobs = informers.informer(Jobs);
    const onJob = (job: V1Job): void => {
      if (expiresAt(job) !== undefined) queue.add(objectKey(job));
    };
    jobs.addHandler({ added: onJob, updated: (_, job) => onJob(job) });

    return async (key) => {
      const known = jobs.get(key);
      if (known === undefined || (timeLeft(known) ?? 1) > 0) return later(known);
      // The TTL may have been raised since: what is deleted is decided on the live object.
      const { namespace, name } = splitKey(key);
      const live = await ignoreReasons(['NotFound'], () => client.get(Jobs, name, namespace));
      if (live === undefined || (timeLeft(live) ?? 1) > 0) return later(live);
      await ignoreReasons(['NotFound', 'Conflict'], () =>
        client.delete(Jobs, name, namespace, { propagationPolicy: 'Foreground', preconditions: { uid: live.metadata.uid, resourceVersion: live.metadata.resourceVersion } }),
      );
      return undefined;
    };

    function timeLeft(job: V1Job): number | undefined {
      const at = expiresAt(job);
      return at === undefined ? undefined : at - clock.now();
    }

    function later(job: V1Job | undefined): { requeueAfterMilliseconds: number } | undefined {
      const left = job && timeLeft(job);
      return left === undefined || left <= 0 ? undefined : { requeueAfterMilliseconds: left };
    }
  },
};

/** When a Job is to go, in milliseconds since the epoch; undefined for one that runs, has no TTL, or is going already. */
export function expiresAt(job: V1Job): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  const end = job.status?.conditions?.find((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True');
  if (ttl === undefined || !end?.lastTransitionTime || job.metadata.deletionTimestamp !== undefined) return undefined;
  return Date.parse(end.lastTransitionTime) + ttl * 1000;
}
