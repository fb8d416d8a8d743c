import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime } from '../../process/clock.ts';
import type { ComponentContext } from '../../process/component.ts';
import type { ClusterSettings, Paths } from '../clusterSettings.ts';
import { readJson, writeJson } from '../supervisor/supervisorFiles.ts';
import { etcdAccess, type EtcdFlags } from './etcdService.ts';
import { saveSnapshot } from './save.ts';

/** Snapshots that this machine takes by itself. */
export interface SnapshotSchedule {
  readonly folder: string;
  /** Milliseconds from one to the next. */
  readonly every: number;
  /** How many are kept. */
  readonly keep: number;
  readonly etcd: EtcdFlags;
}

const LOOK_MILLISECONDS = 15_000;
const PATTERN = /^gantry-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)Z\.db$/;

const scheduleFile = (paths: Paths): string => join(paths.state, 'snapshots.json');

export const readSchedule = (paths: Paths): SnapshotSchedule | undefined => readJson(scheduleFile(paths)) as SnapshotSchedule | undefined;

/** `undefined` ends the schedule; the snapshots stay. */
export function writeSchedule(paths: Paths, schedule: SnapshotSchedule | undefined): void {
  if (schedule) writeJson(scheduleFile(paths), schedule);
  else rmSync(scheduleFile(paths), { force: true });
}

export const snapshotName = (now: number): string => `gantry-${formatTime(now).replaceAll(':', '-')}.db`;

/** When a snapshot of the schedule was taken; undefined for any other file. */
export function snapshotTime(name: string): number | undefined {
  const [, day, hour, minute, second] = PATTERN.exec(name) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}${hour}:${minute}:${second}Z`);
}

/** What is to be done about a folder that holds files of these names: whether one more is due, and which are too many once it is there. */
export function scheduleActions(names: readonly string[], { every, keep }: Pick<SnapshotSchedule, 'every' | 'keep'>, now: number): { readonly due: boolean; readonly remove: readonly string[] } {
  const ours = names.filter((name) => snapshotTime(name) !== undefined).sort();
  const last = ours.at(-1);
  // A clock that was set back must not end the snapshots until it has come round again.
  const age = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - snapshotTime(last)!);
  const due = age >= every;
  return { due, remove: ours.slice(0, Math.max(0, ours.length + (due ? 1 : 0) - keep)) };
}

/** Takes this machine's scheduled snapshots until the signal; the schedule may change at any time. What is too old goes only after a new one is there. */
export async function keepSnapshots(settings: ClusterSettings, { clock, logger, signal }: ComponentContext): Promise<void> {
  while (!signal.aborted) {
    const schedule = readSchedule(settings.paths);
    if (schedule) {
      try {
        const { folder } = schedule;
        const { due, remove } = scheduleActions(existsSync(folder) ? readdirSync(folder) : [], schedule, clock.now());
        if (due) {
          const file = join(folder, snapshotName(clock.now()));
          const { revision, keys, size } = await saveSnapshot(file, etcdAccess(settings, schedule.etcd), clock);
          logger.info('took a snapshot of etcd', { file, revision, keys, bytes: size });
        }
        for (const name of remove) rmSync(join(folder, name), { force: true });
      } catch (error) {
        logger.error('no snapshot of etcd could be taken', { error });
      }
    }
    await clock.sleep(LOOK_MILLISECONDS, signal);
  }
}
