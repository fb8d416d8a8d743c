import type { V1CronJob, V1JobSpec } from '../../generated/types.ts';
import { append, type FieldError, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { nonNegative, oneOf } from '../../validation/fields.ts';
import { ageOf } from '../../values/duration.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, orNone, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { setTemplateDefaults } from '../workload.ts';
import { scheduleError } from './cronSchedule.ts';
import { jobSpecWarnings } from './jobWarnings.ts';
import { validateTimeZone } from './timeZone.ts';
import { validateJobSpec } from './validateJob.ts';

/** The name of a run is the CronJob's with eleven letters more, and has to be a label's value. */
const MAX_NAME_LENGTH = 52;

const columns: readonly TableColumn<V1CronJob>[] = [
  textColumn('Schedule', { of: 'V1CronJobSpec.schedule' }, ({ spec }) => spec?.schedule ?? ''),
  textColumn('Timezone', { of: 'V1CronJobSpec.timeZone' }, ({ spec }) => orNone(spec?.timeZone)),
  { ...textColumn<V1CronJob>('Suspend', { of: 'V1CronJobSpec.suspend' }, ({ spec }) => (spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False')), type: 'boolean' },
  integerColumn('Active', { of: 'V1CronJobStatus.active' }, ({ status }) => status?.active?.length ?? 0),
  textColumn('Last Schedule', { of: 'V1CronJobStatus.lastScheduleTime' }, ({ status }, now) => (status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now))),
  ageColumn,
  ...containerColumns<V1CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec?.containers),
  textColumn('Selector', 'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors', ({ spec }) => formatLabelSelector(spec?.jobTemplate?.spec?.selector), 1),
];

export const cronJob = defineKind<V1CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  model: 'V1CronJob',
  hasStatus: true,
  hasGeneration: true,
  setDefaults({ spec }) {
    if (!spec) return;
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    setTemplateDefaults(spec.jobTemplate?.spec?.template);
  },
  validate,
  warnings,
  validateCreate: ({ metadata, spec }) => [
    ...validateZones(spec),
    ...(metadata.name && metadata.name.length > MAX_NAME_LENGTH ? [invalid('metadata.name', metadata.name, `must be no more than ${MAX_NAME_LENGTH} characters`)] : []),
  ],
  validateUpdate: ({ spec }, previous) => validateZones(spec, previous.spec),
  columns,
});

function warnings(object: IncomingObject<V1CronJob>, previous?: V1CronJob): string[] {
  const jobSpec = object.spec?.jobTemplate?.spec;
  const ofZone = object.spec?.schedule?.includes('TZ') ? ['cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'] : [];
  return [...jobSpecWarnings(object, previous, 'spec.jobTemplate.spec', jobSpec), ...workloadWarnings(object, previous, 'spec.jobTemplate.spec.template', jobSpec?.template), ...ofZone];
}

/** `validateCronJobSpec`, but for the zones. */
function validate({ spec }: IncomingObject<V1CronJob>): FieldError[] {
  if (!spec) return [required('spec.schedule')];
  const { schedule } = spec;
  const fault = schedule ? scheduleError(schedule) : undefined;
  const errors = schedule ? [] : [required('spec.schedule')];
  if (fault !== undefined) errors.push(invalid('spec.schedule', schedule, fault));
  append(errors, nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds), oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
  append(errors, validateJobTemplate(spec.jobTemplate?.spec));
  return [...errors, ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit), ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit)];
}

function validateJobTemplate(jobSpec: V1JobSpec | undefined): FieldError[] {
  if (!jobSpec) return [required('spec.jobTemplate.spec')];
  const errors = validateJobSpec('spec.jobTemplate.spec', jobSpec);
  // Each run gets a selector of its own.
  if (jobSpec.selector) errors.push(invalid('spec.jobTemplate.spec.selector', jobSpec.selector, '`selector` will be auto-generated'));
  if (jobSpec.manualSelector) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  return errors;
}

/** A zone in the schedule is only let be where one was before; a field that stays is not judged again, as zones come and go. */
function validateZones(spec: V1CronJob['spec'], before?: V1CronJob['spec']): FieldError[] {
  const { timeZone } = spec ?? {};
  const schedule = spec?.schedule ?? '';
  const hadZone = before?.schedule?.includes('TZ') ?? false;
  const errors: FieldError[] = [];
  if (hadZone && schedule.includes('TZ') && timeZone !== undefined) errors.push(invalid('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  if (!hadZone && schedule.includes('TZ')) errors.push(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  return timeZone === undefined || (before && before.timeZone === timeZone) ? errors : [...errors, ...validateTimeZone('spec.timeZone', timeZone)];
}
