import type { V1CronJob } from '../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { nonNegative, oneOf } from '../../validation/fields.ts';
import { ageOf } from '../../values/duration.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { ageColumn, containerColumns, integerColumn, orNone, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { setTemplateDefaults } from '../workload.ts';
import { scheduleError } from './cronSchedule.ts';
import { validateJobSpec } from './validateJob.ts';

/** The name of a run is the CronJob's with eleven letters more, and has to be a label's value. */
const MAX_NAME_LENGTH = 52;

const columns: readonly TableColumn<V1CronJob>[] = [
  textColumn('Schedule', 'When it runs.', ({ spec }) => spec?.schedule ?? ''),
  textColumn('Timezone', 'The time zone of the schedule.', ({ spec }) => orNone(spec?.timeZone)),
  textColumn('Suspend', 'Whether it is suspended.', ({ spec }) => (spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False')),
  integerColumn('Active', 'How many runs are going on.', ({ status }) => status?.active?.length ?? 0),
  textColumn('Last Schedule', 'When it last ran.', ({ status }, now) => (status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now))),
  ageColumn,
  ...containerColumns<V1CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec?.containers),
  textColumn('Selector', 'Which pods belong to its runs.', ({ spec }) => formatLabelSelector(spec?.jobTemplate?.spec?.selector), 1),
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
  warnings: (object, previous) => workloadWarnings(object, previous, 'spec.jobTemplate.spec.template', object.spec?.jobTemplate?.spec?.template),
  validateCreate: ({ metadata }) => (metadata.name && metadata.name.length > MAX_NAME_LENGTH ? [invalid('metadata.name', metadata.name, `must be no more than ${MAX_NAME_LENGTH} characters`)] : []),
  columns,
});

function validate({ spec }: IncomingObject<V1CronJob>): FieldError[] {
  if (!spec) return [required('spec.schedule')];
  const errors = validateSchedule(spec.schedule, spec.timeZone);
  if (spec.timeZone !== undefined) errors.push(...validateTimeZone(spec.timeZone));
  errors.push(
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  );
  const jobSpec = spec.jobTemplate?.spec;
  if (!jobSpec) return [...errors, required('spec.jobTemplate.spec')];
  errors.push(...validateJobSpec('spec.jobTemplate.spec', jobSpec));
  // Each run gets a selector of its own.
  if (jobSpec.selector) errors.push(invalid('spec.jobTemplate.spec.selector', jobSpec.selector, '`selector` will be auto-generated'));
  if (jobSpec.manualSelector) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  return errors;
}

/** Which times a schedule names is the controller's business. */
function validateSchedule(schedule: string, timeZone: string | undefined): FieldError[] {
  const field = 'spec.schedule';
  if (!schedule) return [required(field)];
  if (schedule.includes('TZ')) {
    const together = timeZone !== undefined ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule' : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [invalid(field, schedule, together)];
  }
  const error = scheduleError(schedule);
  return error === undefined ? [] : [invalid(field, schedule, error)];
}

function validateTimeZone(timeZone: string): FieldError[] {
  const field = 'spec.timeZone';
  if (timeZone === '') return [invalid(field, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local') return [invalid(field, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  return isTimeZone(timeZone) ? [] : [invalid(field, timeZone, `unknown time zone ${timeZone}`)];
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
