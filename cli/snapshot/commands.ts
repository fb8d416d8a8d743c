import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDuration } from '../../process/flags.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type Invocation, UserError } from '../invocation.ts';
import { etcdAccess, type EtcdFlags } from './etcdService.ts';
import { saveSnapshot } from './save.ts';
import { writeSchedule } from './schedule.ts';
import { snapshotStatus, verifiedHash } from './snapshotStatus.ts';

const NO_FILE = 'Which file? For example: gantry snapshot save /var/backups/gantry.db';

/** `gantry snapshot save FILE`, or with a schedule: FOLDER. */
export async function snapshotSave(settings: ClusterSettings, file: string | undefined, schedule: string, keep: number, etcd: EtcdFlags, { terminal, clock }: Invocation): Promise<void> {
  if (process.geteuid?.() !== 0) throw new UserError("gantry snapshot reads the cluster's keys and must be run as root.");
  if (schedule === 'off') {
    writeSchedule(settings.paths, undefined);
    return terminal.say('No snapshots are taken by schedule any more; those that are there stay.');
  }
  if (file === undefined) throw new UserError(NO_FILE);
  const path = resolve(file);
  if (schedule === '') {
    const { revision, keys, size, hash } = await saveSnapshot(path, etcdAccess(settings, etcd), clock);
    return terminal.say(`Saved ${path}: revision ${revision}, ${keys} keys, ${size} bytes, SHA-256 ${hash}`);
  }
  const every = parseDuration(schedule);
  if (every < 60_000) throw new UserError('--schedule is at least 1m.');
  if (keep < 1) throw new UserError('--keep is at least 1.');
  if (existsSync(path) && !statSync(path).isDirectory()) throw new UserError(`${path} is a file; scheduled snapshots go into a folder.`);
  etcdAccess(settings, etcd);
  writeSchedule(settings.paths, { folder: path, every, keep, etcd });
  terminal.say(`The server of this machine takes a snapshot every ${schedule} into ${path}, and keeps ${keep}. To end that: gantry snapshot save --schedule=off`);
}

/** `gantry snapshot status FILE`. */
export function showSnapshotStatus(file: string | undefined, output: string, { terminal }: Invocation): void {
  if (file === undefined) throw new UserError(NO_FILE);
  if (!existsSync(file)) throw new UserError(`There is no ${file}.`);
  try {
    const hash = verifiedHash(file);
    const { revision, offset, keys, size, etcdVersion, members } = snapshotStatus(file);
    const found = { hash: hash ?? '', revision, resourceVersion: String(revision + offset), keys, size, etcdVersion, members };
    if (output === 'json') return terminal.say(JSON.stringify(found, undefined, 2));
    if (output !== 'text') throw new UserError(`unknown output "${output}": it is json or text.`);
    const rows: ReadonlyArray<readonly [string, string]> = [
      ['REVISION', String(revision)],
      ['RESOURCE VERSION', found.resourceVersion],
      ['KEYS', String(keys)],
      ['SIZE', `${size} bytes`],
      ['ETCD', etcdVersion || 'unknown'],
      ['MEMBERS', members.join(', ')],
      ['SHA-256', hash ?? 'none: not of snapshot save, so nothing tells whether it is whole'],
    ];
    for (const [name, value] of rows) terminal.say(`${name.padEnd(18)}${value}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is no usable snapshot: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
