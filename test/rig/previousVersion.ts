import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repositoryRoot.ts';

/** The clone may belong to another user than the one that runs the tests. */
const TRUSTED = ['-c', 'safe.directory=*'] as const;
const git = (...words: string[]): string => execFileSync('git', [...TRUSTED, '-C', repositoryRoot, ...words], { encoding: 'utf8', maxBuffer: 256 * 1024 ** 2 }).trim();

/**
 * The folder of a checkout, built, of the version before this one: the last commit whose package.json bears another version. Undefined
 * where the history does not reach back to it (a shallow clone).
 */
export function previousVersion(): string | undefined {
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string };
  const [introduced] = git('log', '--reverse', '--format=%H', `-S"version": "${version}"`, '--', 'package.json').split('\n');
  const commit = introduced && git('rev-list', '--max-count=1', '--parents', introduced).split(' ')[1];
  if (!commit) return undefined;
  const folder = join(repositoryRoot, '.cache', 'previous', commit);
  if (!existsSync(folder)) build(commit, folder);
  return folder;
}

function build(commit: string, folder: string): void {
  const parent = join(folder, '..');
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, '.build-'));
  execFileSync('sh', ['-c', 'git -c safe.directory="*" -C "$1" archive "$2" | tar -x -C "$3"', 'sh', repositoryRoot, commit, scratch], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Its dependencies are those of today: what differs is our own code.
  symlinkSync('../../../node_modules', join(scratch, 'node_modules'));
  for (const script of ['api/generate/main.ts', 'cli/build/main.ts']) {
    execFileSync(process.execPath, [script], { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
  }
  renameSync(scratch, folder);
}
