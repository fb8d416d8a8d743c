import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../errorText.ts';
import type { Payload } from './payload.ts';

const DATA = '..data';
const NEW_DATA = '..data_tmp';

/**
 * Writes files into a volume so that a reader sees all of the old ones or all of the new ones (`volumeutil.AtomicWriter`): they lie in
 * a directory of their own, `..data` is a link to it which is exchanged by a rename, and each name that users see is a link into `..data`.
 * Tells whether anything had to be written.
 * @param now wall-clock milliseconds, for the directory's name
 * @param own called with the new directory before it is seen, to give its files to somebody
 */
export async function writeAtomically(volume: string, payload: Payload, now: number, own: (directory: string) => Promise<void>): Promise<boolean> {
  const before = await linkTarget(join(volume, DATA));
  const unchanged = before !== undefined && (await holds(join(volume, before), payload));
  if (unchanged) {
    await linkNames(volume, payload);
    return false;
  }
  const directory = await mkdtemp(join(volume, `..${stamp(now)}`));
  await chmod(directory, 0o755);
  for (const [path, file] of payload) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, file.data);
    // The process' umask must not take away what the pod asks for.
    await chmod(target, file.mode);
    if (file.user !== undefined) await chown(target, file.user, -1);
  }
  await own(directory);
  await rm(join(volume, NEW_DATA), { force: true });
  await symlink(basename(directory), join(volume, NEW_DATA));
  await rename(join(volume, NEW_DATA), join(volume, DATA));
  await linkNames(volume, payload);
  await removeStale(volume, payload, basename(directory));
  return true;
}

/** Kubernetes' form, with the random end that mkdtemp adds. */
function stamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll('-', '_').replaceAll(':', '_').replace('T', '_')}.`;
}

const topNames = (payload: Payload): ReadonlySet<string> => new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));

async function linkNames(volume: string, payload: Payload): Promise<void> {
  for (const name of topNames(payload)) {
    const target = join(DATA, name);
    const path = join(volume, name);
    if ((await linkTarget(path)) === target) continue;
    await rm(path, { recursive: true, force: true });
    await symlink(target, path);
  }
}

/** Names that are no more, and every directory of files but the current one. */
async function removeStale(volume: string, payload: Payload, current: string): Promise<void> {
  const names = topNames(payload);
  for (const entry of await readdir(volume, { withFileTypes: true })) {
    const old = entry.name.startsWith('..') ? entry.isDirectory() && entry.name !== current : entry.isSymbolicLink() && !names.has(entry.name);
    if (old) await rm(join(volume, entry.name), { recursive: true, force: true });
  }
}

async function holds(directory: string, payload: Payload): Promise<boolean> {
  const present = await filesBelow(directory, '');
  if (!present || present.length !== payload.size) return false;
  for (const path of present) {
    const file = payload.get(path);
    if (!file || !file.data.equals(await readFile(join(directory, path)))) return false;
  }
  return true;
}

async function filesBelow(directory: string, below: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(join(directory, below), { withFileTypes: true });
    const lists = await Promise.all(entries.map((entry) => (entry.isDirectory() ? filesBelow(directory, join(below, entry.name)) : Promise.resolve([join(below, entry.name)]))));
    return lists.flatMap((list) => list ?? []);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : '';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
