import type { V1CronJob, V1CronJobStatus, V1Job } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { objectKey } from '../../client/objectKey.ts';
import { CronJobs, Jobs } from '../../client/resources.ts';
import { formatTime } from '../../process/clock.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { CONTROLLER_UID_INDEX, controllerOf, controllerUidIndexer } from '../ownership.ts';
import { messageOf } from '../podControl.ts';
import { activeReferences, decideRun, finishOf, lastSuccess, surplusJobs } from './decideCronJob.ts';
import { parseSchedule, type Schedule, ScheduleError } from './schedule.ts';

/** Starts Jobs by the clock. Key: the CronJob's. */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  workers: 5,
  setup({ client, informers, recorder, clock }, queue) {
    const cronJobs = informers.informer(CronJobs);
    const jobs = informers.informer(Jobs);
    jobs.addIndex(CONTROLLER_UID_INDEX, controllerUidIndexer);
    const onJob = (job: V1Job): void => {
      const reference = controllerOf(job);
      if (reference?.kind === CronJobs.kind) queue.add(`${job.metadata.namespace}/${reference.name}`);
    };
    cronJobs.addHandler({ added: (each) => queue.add(objectKey(each)), updated: (_, each) => queue.add(objectKey(each)) });
    jobs.addHandler({
      added: onJob,
      updated: (previous, job) => {
        const cronJob = cronJobs.get(`${job.metadata.namespace}/${controllerOf(job)?.name ?? ''}`);
        const end = finishOf(job);
        if (cronJob && end !== undefined && finishOf(previous) === undefined) recorder.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end}`);
        onJob(job);
      },
      deleted: onJob,
    });

    return async (key) => {
      const cronJob = cronJobs.get(key);
      if (cronJob === undefined) return undefined;
      const owned = jobs.byIndex(CONTROLLER_UID_INDEX, cronJob.metadata.uid);
      for (const job of surplusJobs(cronJob, owned)) await remove(cronJob, job);
      const schedule = scheduleOf(cronJob);
      const decision = schedule && decideRun(cronJob, owned, schedule, clock.now());
      for (const { type, reason, message } of decision?.events ?? []) recorder.event(cronJob, type, reason, message);
      let lastScheduleTime = cronJob.status?.lastScheduleTime;
      if (decision?.kind === 'run') {
        for (const job of decision.replace) await remove(cronJob, job);
        await startJob(cronJob, decision.job);
        lastScheduleTime = formatTime(decision.scheduledAt);
      }
      await writeStatus(cronJob, lastScheduleTime);
      const next = cronJob.spec?.suspend ? undefined : schedule?.next(clock.now());
      return next === undefined ? undefined : { requeueAfterMilliseconds: next - clock.now() + 100 };
    };

    function scheduleOf(cronJob: V1CronJob): Schedule | undefined {
      try {
        return parseSchedule(cronJob.spec?.schedule ?? '', cronJob.spec?.timeZone);
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        recorder.event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${cronJob.spec?.schedule} : ${error.message}`);
        return undefined;
      }
    }

    async function startJob(cronJob: V1CronJob, job: Parameters<typeof client.create<V1Job>>[1]): Promise<void> {
      try {
        const created = await ignoreReasons(['AlreadyExists'], () => client.create(Jobs, job, cronJob.metadata.namespace));
        if (created === undefined) return;
        recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${created.metadata.name}`);
        await seen(jobs, [created]);
      } catch (error) {
        recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
        throw error;
      }
    }

    async function remove(cronJob: V1CronJob, job: V1Job): Promise<void> {
      const { name, namespace, uid } = job.metadata;
      await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(Jobs, name, namespace, { propagationPolicy: 'Background', preconditions: { uid } }));
      recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    }

    async function writeStatus(cronJob: V1CronJob, lastScheduleTime: string | undefined): Promise<void> {
      const owned = jobs.byIndex(CONTROLLER_UID_INDEX, cronJob.metadata.uid);
      const active = activeReferences(owned);
      const lastSuccessfulTime = lastSuccess(cronJob, owned);
      const status: V1CronJobStatus = { ...(active.length > 0 ? { active } : {}), ...(lastScheduleTime ? { lastScheduleTime } : {}), ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}) };
      if (sameStatus(status, cronJob.status ?? {})) return;
      const written = await client.updateStatus(CronJobs, { ...cronJob, status });
      await seen(cronJobs, [written]);
    }
  },
};

/** The resourceVersions in the references do not matter. */
function sameStatus(left: V1CronJobStatus, right: V1CronJobStatus): boolean {
  const plain = (status: V1CronJobStatus): object => ({ ...status, active: (status.active ?? []).map((reference) => reference.uid) });
  return deepEqual(plain(left), plain(right));
}
