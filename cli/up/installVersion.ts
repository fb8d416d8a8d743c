import { chmodSync, constants, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../clusterSettings.ts';

/** Written into `dist/` by the build. */
export interface BuildInfo {
  readonly version: string;
  /** Of everything that the build contains. */
  readonly hash: string;
}

export const BUILD_INFO = 'build.json';

export function readBuildInfo(folder: string): BuildInfo {
  return JSON.parse(readFileSync(join(folder, BUILD_INFO), 'utf8')) as BuildInfo;
}

/**
 * Copies the build and the Node.js that runs it to a folder of their own, so that neither a `git pull` nor an `npm ci` ever
 * changes a cluster that runs. Gives the folder; the version before stays, older ones go.
 */
export function installVersion(build: string, node: string, paths: Paths): string {
  const { version, hash } = readBuildInfo(build);
  const folder = join(paths.versions, `${version}-${hash}`);
  if (existsSync(folder)) return folder;
  mkdirSync(paths.versions, { recursive: true });
  const earlier = readdirSync(paths.versions);
  const scratch = mkdtempSync(join(paths.versions, '.new-'));
  cpSync(build, scratch, { recursive: true });
  copyFileSync(node, join(scratch, 'node'), constants.COPYFILE_FICLONE);
  chmodSync(join(scratch, 'node'), 0o755);
  chmodSync(scratch, 0o755);
  renameSync(scratch, folder);
  for (const name of surplusVersions(earlier)) rmSync(join(paths.versions, name), { recursive: true, force: true });
  return folder;
}

/** What an interrupted installation left, and all but two of the versions before, in any order that stays the same. */
function surplusVersions(earlier: readonly string[]): string[] {
  const complete = earlier.filter((name) => !name.startsWith('.'));
  return [...earlier.filter((name) => name.startsWith('.')), ...complete.slice(0, Math.max(0, complete.length - 2))];
}
