import type { V1Job } from '../../generated/types.ts';
import type { IncomingObject, TableColumn } from '../../resourceDefinition.ts';
import { humanDuration, parseTime } from '../../values/duration.ts';
import { formatLabelSelector } from '../../values/labelSelector.ts';
import { LABEL_JOB_CONTROLLER_UID, LABEL_JOB_NAME, LABEL_LEGACY_CONTROLLER_UID, LABEL_LEGACY_JOB_NAME } from '../../wellKnown.ts';
import { ageColumn, containerColumns, textColumn } from '../columns.ts';
import { workloadWarnings } from '../core/pod/podWarnings.ts';
import { defineKind } from '../defineKind.ts';
import { setTemplateDefaults } from '../workload.ts';
import { jobSpecWarnings } from './jobWarnings.ts';
import { validateJob } from './validateJob.ts';
import { validateJobStatus } from './validateJobStatus.ts';
import { validateJobUpdate } from './validateJobUpdate.ts';

const MAX_INT32 = 2 ** 31 - 1;

const columns: readonly TableColumn<V1Job>[] = [
  textColumn('Status', 'Status of the job.', formatStatus),
  textColumn('Completions', { of: 'V1JobStatus.succeeded' }, formatCompletions),
  textColumn('Duration', 'Time required to complete the job.', formatDuration),
  ageColumn,
  ...containerColumns<V1Job>(({ spec }) => spec?.template?.spec?.containers),
  textColumn('Selector', 'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors', ({ spec }) => formatLabelSelector(spec?.selector), 1),
];

export const job = defineKind<V1Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  model: 'V1Job',
  hasStatus: true,
  hasGeneration: true,
  setDefaults,
  prepareForCreate: generateSelector,
  validate: validateJob,
  warnings: (object, previous) => [...jobSpecWarnings(object, previous, 'spec', object.spec), ...workloadWarnings(object, previous, 'spec.template', object.spec?.template)],
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  columns,
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
});

function setDefaults(object: IncomingObject<V1Job>): void {
  const { spec, metadata } = object;
  if (!spec) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  spec.completionMode ||= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ||= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  setTemplateDefaults(spec.template);
}

/** Gives a Job's pods labels of which no other Job has the same, unless it brings its own selector. */
function generateSelector({ spec, metadata }: IncomingObject<V1Job>): void {
  if (!spec || spec.manualSelector) return;
  const own = { [LABEL_JOB_NAME]: metadata.name ?? '', [LABEL_LEGACY_JOB_NAME]: metadata.name ?? '', [LABEL_JOB_CONTROLLER_UID]: metadata.uid ?? '', [LABEL_LEGACY_CONTROLLER_UID]: metadata.uid ?? '' };
  spec.template ??= {};
  spec.template.metadata ??= {};
  // Labels that the client set stand, for the validation to compare.
  spec.template.metadata.labels = { ...own, ...spec.template.metadata.labels };
  spec.selector ??= {};
  spec.selector.matchLabels = { [LABEL_JOB_CONTROLLER_UID]: metadata.uid ?? '', ...spec.selector.matchLabels };
}

function formatStatus({ metadata, status }: V1Job): string {
  const holds = (type: string): boolean => status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

function formatCompletions({ spec, status }: V1Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function formatDuration({ status }: V1Job, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : parseTime(status.completionTime);
  return humanDuration(end - parseTime(status.startTime));
}
