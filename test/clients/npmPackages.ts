import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

const INSTALL_MILLISECONDS = 300_000;

/** A folder of the git-ignored `.cache/` in which these npm packages are installed, by name and exact version; no script of theirs is run. */
export function npmPackages(packages: Readonly<Record<string, string>>): string {
  const cache = join(repositoryRoot, '.cache', 'npm');
  const folder = join(cache, Object.entries(packages).map(([name, version]) => `${name.replace(/[@/]+/g, '-').replace(/^-/, '')}-${version}`).join('+'));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, '.install-'));
  try {
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_MILLISECONDS });
    renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}
