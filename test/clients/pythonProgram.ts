import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackWithDependencies } from '../rig/aptArchive.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** The release whose client for Python is of Kubernetes 1.35, the newest there is. */
const RELEASE = 'sid';
const RUN_MILLISECONDS = 180_000;

/**
 * Runs a Python program with Debian's Python and its client for Kubernetes, which are unpacked into the git-ignored `.cache/` with all that they need, libc too,
 * and not installed; gives what it printed. Throws with what it said when it fails.
 */
export async function runPython(script: string, words: readonly string[]): Promise<string> {
  const tree = join(repositoryRoot, '.cache', 'python', RELEASE);
  unpackWithDependencies(RELEASE, ['python3-kubernetes'], /./, tree);
  const home = join(tree, 'usr');
  const libraries = join(home, 'lib', readdirSync(join(home, 'lib')).find((name) => name.endsWith('-linux-gnu'))!);
  // The loader of the same release: its libc is newer than the machine's may be.
  const loader = join(libraries, readdirSync(libraries).find((name) => /^ld-linux.*\.so\.\d+$/.test(name))!);
  const python = join(home, 'bin', readdirSync(join(home, 'bin')).find((name) => /^python3\.\d+$/.test(name))!);
  const env = { PYTHONHOME: home, PYTHONPATH: join(home, 'lib', 'python3', 'dist-packages'), PYTHONDONTWRITEBYTECODE: '1', HOME: '/nonexistent' };
  const { stdout } = await promisify(execFile)(loader, ['--library-path', libraries, python, join(import.meta.dirname, 'python', script), ...words], { env, timeout: RUN_MILLISECONDS });
  return stdout;
}
