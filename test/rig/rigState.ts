import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostCgroup } from './hostCgroup.ts';
import { hasCode, isAlive, killMarked, type ProcessMark } from './processes.ts';
import { repositoryRoot } from './repositoryRoot.ts';

/** What a rig has on the machine, written before it is made, so that a later run can clean up after one that crashed. */
export interface RigState {
  /** Who cleans up when it is done; undefined: nobody, the rig was made by hand and lasts. */
  readonly owner: ProcessMark | undefined;
  readonly processes: readonly ProcessMark[];
  readonly cgroups: readonly string[];
}

/** File systems that Docker's overlay2 takes as its ground: ext4, xfs, btrfs. */
const GROUNDS = new Set([0xef53, 0x58465342, 0x9123683e]);

/** The folder of all rigs: on a disk file system, and not below /var, /etc or /opt, which hosts lay their changes over. */
export function rigsFolder(): string {
  const ground = [tmpdir(), join(repositoryRoot, '.cache')].find((folder) => {
    mkdirSync(folder, { recursive: true });
    return GROUNDS.has(statfsSync(folder).type) && !/^\/(var|etc|opt)\//.test(folder);
  });
  if (!ground) throw new Error('neither the temporary folder nor the checkout lies on ext4, xfs or btrfs, outside /var, /etc and /opt');
  return join(ground, 'gantry-rig');
}

export function writeState(folder: string, state: RigState): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'state.json.new'), JSON.stringify(state));
  renameSync(join(folder, 'state.json.new'), join(folder, 'state.json'));
}

export function readState(folder: string): RigState | undefined {
  const text = unlessGone(() => readFileSync(join(folder, 'state.json'), 'utf8'));
  return text === undefined ? undefined : (JSON.parse(text) as RigState);
}

/** Rigs of other processes come and go at any time. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Removes the folder of all rigs when it is empty: the last one puts out the light. */
export function removeEmptyRigsFolder(): void {
  try {
    rmdirSync(rigsFolder());
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTEMPTY')) throw error;
  }
}

/** Ends everything that a rig's state names and removes its folder. */
export async function removeRig(folder: string): Promise<void> {
  const state = readState(folder);
  state?.processes.forEach((mark) => killMarked(mark));
  for (const name of state?.cgroups ?? []) await new HostCgroup(name).remove();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Removes rigs whose owner has died without doing so. */
export async function sweepRigs(): Promise<void> {
  const rigs = rigsFolder();
  for (const name of unlessGone(() => readdirSync(rigs)) ?? []) {
    const state = readState(join(rigs, name));
    if (state?.owner && !isAlive(state.owner)) await removeRig(join(rigs, name));
  }
}
