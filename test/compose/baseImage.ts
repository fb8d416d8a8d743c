import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineRelease } from '../rig/aptArchive.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { runcWrapper, withoutSysResource } from '../rig/runcWrapper.ts';

const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** What `deploy/Dockerfile` installs, so that nothing is left for it to do. */
function packages(): string[] {
  const lines = readFileSync(join(repositoryRoot, 'deploy', 'Dockerfile'), 'utf8').split('\n');
  return [...new Set(lines.flatMap((line) => (line.startsWith('RUN install-packages ') ? line.split(' ').slice(2) : [])))].toSorted();
}

/**
 * The file tree of an image that stands for `debian:bookworm-slim` with everything in it that the images need, as a tar: made once from the machine's
 * own apt sources (two minutes), kept in the git-ignored `.cache/`. Where the machine forbids what a privileged container asks for, it holds
 * an OCI runtime that does not ask.
 */
export function baseArchive(): string {
  const folder = join(repositoryRoot, '.cache', 'compose');
  const archive = join(folder, 'base.tar');
  const names = packages();
  const stamp = JSON.stringify([machineRelease(), names, withoutSysResource() && runcWrapper('/usr/sbin/runc')]);
  if (existsSync(archive) && existsSync(`${archive}.stamp`) && readFileSync(`${archive}.stamp`, 'utf8') === stamp) return archive;
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, '.base-'));
  try {
    const wrapper = join(scratch, 'runc');
    writeFileSync(wrapper, runcWrapper('/usr/sbin/runc'));
    const slim = ['man', 'doc', 'locale', 'info'].map((each) => `--dpkgopt=path-exclude=/usr/share/${each}/*`);
    const hooks = withoutSysResource() ? [`--customize-hook=upload ${wrapper} /usr/local/sbin/runc`, '--customize-hook=chmod 755 "$1/usr/local/sbin/runc"'] : [];
    const sources = SOURCES.filter((each) => existsSync(each));
    const words = ['--variant=minbase', `--include=${names.join(',')}`, '--aptopt=APT::Install-Recommends "false"', ...slim, ...hooks, machineRelease(), join(scratch, 'base.tar'), ...sources];
    // Its mounts are its own: tests that run meanwhile look at what hosts have mounted.
    execFileSync('unshare', ['--mount', 'mmdebstrap', ...words], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 1_800_000 });
    renameSync(join(scratch, 'base.tar'), archive);
    writeFileSync(`${archive}.stamp`, stamp);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return archive;
}
