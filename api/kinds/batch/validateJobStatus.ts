import type { V1Job, V1JobStatus } from '../../generated/types.ts';
import { duplicate, invalid, required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { parseTime } from '../../values/duration.ts';
import { internalForm } from '../internalForm.ts';
import { validateCounts } from '../workloadStatus.ts';
import { firstCommonIndex, countIndexes } from './jobIndexes.ts';

type Incoming = IncomingObject<V1Job>;

/** An error that does not repeat the value. */
const wrongConditions = (detail: string): FieldError => ({ type: 'FieldValueInvalid', field: 'status.conditions', message: `Invalid value: ${detail}` });

/** A status with the conditions that hold in it. */
interface State extends V1JobStatus {
  readonly holds: (type: string) => boolean;
  readonly isFinished: boolean;
}

function stateOf({ status = {} }: Partial<Incoming>): State {
  const holds = (type: string): boolean => status.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  return { ...status, holds, isFinished: holds('Complete') || holds('Failed') };
}

/**
 * How the status of a Job may go on (`ValidateJobStatusUpdate` with the options of `getStatusValidationOptions`): others than our own
 * controller may manage Jobs. What an update leaves as it was is not judged, so that a fault of old does not stop the rest.
 */
export function validateJobStatus(object: Incoming, previous: V1Job): FieldError[] {
  const [now, before] = [stateOf(object), stateOf(previous)];
  const changed = (...names: readonly (keyof V1JobStatus)[]): boolean => names.some((name) => !semanticEqual(now[name], before[name]));
  const switched = (...types: readonly string[]): boolean => types.some((type) => now.holds(type) !== before.holds(type));
  const finishedOr = (...names: readonly (keyof V1JobStatus)[]): boolean => now.isFinished !== before.isFinished || changed(...names);
  return [
    ...validateCounts(now, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
    ...validateUncounted(now),
    ...validateEnds(now, { changed, switched }),
    ...validateFinished(object, now, finishedOr),
    ...validateIndexes(object, now, changed),
    ...(finishedOr('terminating') && now.isFinished && (now.terminating ?? 0) > 0 ? [invalid('status.terminating', now.terminating, 'terminating>0 is invalid for finished job')] : []),
    ...(changed('ready', 'active') && now.ready !== undefined && now.ready > (now.active ?? 0) ? [invalid('status.ready', now.ready, 'cannot set more ready pods than active')] : []),
    ...validateSuccessCriteria(object, now),
    ...validateTransition(object, now, before),
  ];
}

interface Changes {
  readonly changed: (...names: readonly (keyof V1JobStatus)[]) => boolean;
  readonly switched: (...types: readonly string[]) => boolean;
  /** The Job has ended or begun anew, or one of the fields has changed. */
  readonly finishedOr: (...names: readonly (keyof V1JobStatus)[]) => boolean;
}

function validateUncounted({ uncountedTerminatedPods }: State): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((name) =>
    (uncountedTerminatedPods?.[name] ?? []).flatMap((uid, index) => {
      const path = `status.uncountedTerminatedPods.${name}[${index}]`;
      if (uid === '') return [invalid(path, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateEnds(now: State, { changed, switched }: Pick<Changes, 'changed' | 'switched'>): FieldError[] {
  const { holds, completionTime, startTime } = now;
  const errors: FieldError[] = [];
  if (switched('Complete', 'Failed') && holds('Complete') && holds('Failed')) errors.push(wrongConditions('cannot set Complete=True and Failed=true conditions'));
  if (switched('Complete', 'FailureTarget') && holds('Complete') && holds('FailureTarget')) errors.push(wrongConditions('cannot set Complete=True and FailureTarget=true conditions'));
  if (switched('Complete') || changed('completionTime')) {
    if (completionTime !== undefined && !holds('Complete')) errors.push(invalid('status.completionTime', completionTime, 'cannot set completionTime when there is no Complete=True condition'));
    if (completionTime === undefined && holds('Complete')) errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  if (changed('startTime', 'completionTime') && startTime !== undefined && completionTime !== undefined && parseTime(completionTime) < parseTime(startTime)) {
    errors.push(invalid('status.completionTime', completionTime, 'completionTime cannot be set before startTime'));
  }
  if (switched('Failed', 'FailureTarget') && holds('Failed') && !holds('FailureTarget')) errors.push(wrongConditions('cannot set Failed=True condition without the FailureTarget=true condition'));
  if (switched('Complete', 'SuccessCriteriaMet') && holds('Complete') && !holds('SuccessCriteriaMet')) errors.push(wrongConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  return errors;
}

function validateFinished({ spec }: Incoming, now: State, finishedOr: Changes['finishedOr']): FieldError[] {
  if (!now.isFinished) return [];
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = now;
  const errors: FieldError[] = [];
  // A Job of nothing ends without having started, suspended as it is.
  const isEmpty = spec?.suspend === true && spec.completions === 0;
  if (finishedOr('active') && active > 0) errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  if (finishedOr('startTime') && startTime === undefined && !isEmpty) errors.push(required('status.startTime', 'startTime is required for finished job'));
  if (finishedOr('uncountedTerminatedPods') && (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0) {
    errors.push(invalid('status.uncountedTerminatedPods', internalForm('UncountedTerminatedPods', uncounted), 'uncountedTerminatedPods needs to be empty for finished job'));
  }
  return errors;
}

function validateIndexes({ spec }: Incoming, now: State, changed: Changes['changed']): FieldError[] {
  const { completedIndexes = '', failedIndexes } = now;
  const { completions, completionMode, backoffLimitPerIndex } = spec ?? {};
  const [isNewCompleted, isNewFailed] = [changed('completedIndexes'), changed('failedIndexes')];
  const errors: FieldError[] = [];
  if (isNewCompleted && completions !== undefined) {
    const { error } = countIndexes(completedIndexes, completions);
    if (error !== undefined) errors.push(invalid('status.completedIndexes', completedIndexes, `error parsing completedIndexes: ${error}`));
  }
  if (isNewFailed && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
    const { error } = countIndexes(failedIndexes, completions);
    if (error !== undefined) errors.push(invalid('status.failedIndexes', failedIndexes, `error parsing failedIndexes: ${error}`));
  }
  if (isNewCompleted && completedIndexes !== '' && completionMode !== 'Indexed') errors.push(invalid('status.completedIndexes', completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'));
  if (isNewFailed && backoffLimitPerIndex === undefined && failedIndexes !== undefined) errors.push(invalid('status.failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  const common = (isNewCompleted || isNewFailed) && completions !== undefined ? firstCommonIndex(completedIndexes, failedIndexes ?? '', completions) : undefined;
  return common === undefined ? errors : [...errors, invalid('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`)];
}

function validateSuccessCriteria({ spec }: Incoming, { holds }: State): FieldError[] {
  const errors: FieldError[] = [];
  const isMet = holds('SuccessCriteriaMet');
  if (isMet && holds('Failed')) errors.push(wrongConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  if (isMet && holds('FailureTarget')) errors.push(wrongConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  if (spec?.successPolicy && !isMet && holds('Complete')) errors.push(wrongConditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'));
  return errors;
}

function validateTransition({ spec }: Incoming, now: State, before: State): FieldError[] {
  const errors: FieldError[] = [];
  for (const type of ['Failed', 'Complete', 'FailureTarget']) if (before.holds(type) && !now.holds(type)) errors.push(wrongConditions(`cannot disable the terminal ${type}=True condition`));
  if ((now.failed ?? 0) < (before.failed ?? 0)) errors.push(invalid('status.failed', now.failed ?? 0, 'cannot decrease the failed counter'));
  // An Indexed Job that shrinks loses what it had completed.
  const mayShrink = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!mayShrink && (now.succeeded ?? 0) < (before.succeeded ?? 0)) errors.push(invalid('status.succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter'));
  if (now.completionTime !== undefined && before.completionTime !== undefined && now.completionTime !== before.completionTime) errors.push(invalid('status.completionTime', now.completionTime, 'completionTime cannot be mutated'));
  if (before.startTime !== undefined && now.startTime !== before.startTime && spec?.suspend !== true) errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  if (before.holds('SuccessCriteriaMet') && !now.holds('SuccessCriteriaMet')) errors.push(wrongConditions('cannot disable the SuccessCriteriaMet=True condition'));
  if (before.holds('Complete') && !before.holds('SuccessCriteriaMet') && now.holds('SuccessCriteriaMet')) errors.push(wrongConditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'));
  return errors;
}
