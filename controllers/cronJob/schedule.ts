import { Cron } from 'croner';
import { readGoDuration } from '../../process/goDuration.ts';
import { ownField } from '../../api/values/ownField.ts';

/** A schedule that nobody can read; the message says why. */
export class ScheduleError extends Error {}

/** When a CronJob runs. */
export interface Schedule {
  /** The first time after `after`, in milliseconds since the epoch; undefined when there is none any more. */
  next(after: number): number | undefined;
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads a five-field cron expression, a descriptor such as `@daily`, or `@every 1h30m`, in a time zone (default UTC). */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const every = /^@every\s+(\S+)$/.exec(text.trim());
  if (every) return everySchedule(every[1]!);
  try {
    const expression = ownField(DESCRIPTORS, text.trim()) ?? text;
    if (expression.trim().split(/\s+/).length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${expression.trim().split(/\s+/).length}: [${text}]`);
    const cron = new Cron(expression, { timezone: timeZone ?? 'Etc/UTC', mode: '5-part' });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch (error) {
    if (error instanceof ScheduleError) throw error;
    throw new ScheduleError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function everySchedule(text: string): Schedule {
  const duration = readGoDuration(text);
  if (typeof duration === 'string') throw new ScheduleError(`failed to parse duration @every ${text}: ${duration}`);
  const period = Math.max(1000, duration);
  return { next: (after) => Math.floor(after / 1000) * 1000 + period };
}

export interface DueRun {
  /** The latest time that has come and was not served; undefined when none has. */
  readonly scheduledAt: number | undefined;
  /** More than 100 times were missed: the clock may be wrong. */
  readonly tooMany: boolean;
  /** How many were missed, counted up to what is needed to say so. */
  readonly missed: number;
}

const TOO_MANY = 100;

/** The newest run between `since` (exclusive) and `now`. Older ones are skipped for good, as Kubernetes does. */
export function dueRun(schedule: Schedule, since: number, now: number): DueRun {
  let scheduledAt: number | undefined;
  let missed = 0;
  for (let at = schedule.next(since); at !== undefined && at <= now; at = schedule.next(at)) {
    scheduledAt = at;
    missed += 1;
    if (missed > TOO_MANY) return { scheduledAt: newestBefore(schedule, at, now), tooMany: true, missed };
  }
  return { scheduledAt, tooMany: false, missed };
}

/** Without stepping through what may be millions of runs: jumps ahead by the schedule's own spacing, then walks the rest. */
function newestBefore(schedule: Schedule, from: number, now: number): number {
  const second = schedule.next(from) ?? from;
  const spacing = Math.max(1000, second - from);
  let newest = from;
  for (let at = schedule.next(Math.max(from, now - 2 * spacing)); at !== undefined && at <= now; at = schedule.next(at)) newest = at;
  return newest;
}
