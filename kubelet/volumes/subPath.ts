import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { bindMount, isMountPoint } from '../../host/mounts.ts';
import { isMissing } from '../errorText.ts';

/** Opens without reading, so that a handle can be had of what must not be read or would wait (open(2)); Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * Binds what a subPath leads to, made as a directory where it is missing, to a path outside the volume, and resolves to that. A container
 * may exchange a directory for a symbolic link at any time: each step is therefore taken from an open handle of the one before
 * and follows no link, and the handle, not the path, is what is bound (`subpath.SafeMakeDir`, `doBindSubPath`).
 */
export async function bindSubPath(volume: string, subPath: string, target: string): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw new Error(`subPath "${subPath}" must be a relative path without '..'`);
  if (await isMountPoint(target)) return target;
  const root = await realpath(volume);
  const handle = await openBelow(root, await resolveInside(root, subPath));
  try {
    const isDirectory = (await handle.stat()).isDirectory();
    await mkdir(isDirectory ? target : dirname(target), { recursive: true, mode: 0o750 });
    if (!isDirectory) await writeFile(target, '', { flag: 'a' });
    await bindMount(`/proc/${process.pid}/fd/${handle.fd}`, target);
    return target;
  } finally {
    await handle.close();
  }
}

/** The parts of the path with its links resolved, which may lead around inside of the volume only. */
async function resolveInside(root: string, subPath: string): Promise<readonly string[]> {
  let path = root;
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  for (const [at, part] of parts.entries()) {
    let resolved: string;
    try {
      resolved = await realpath(join(path, part));
    } catch (error) {
      if (!isMissing(error)) throw error;
      return [...relative(root, path, subPath), ...parts.slice(at)];
    }
    path = resolved;
    relative(root, path, subPath);
  }
  return relative(root, path, subPath);
}

function relative(root: string, path: string, subPath: string): readonly string[] {
  if (path !== root && !path.startsWith(root + sep)) throw new Error(`subPath "${subPath}" leads out of its volume`);
  return path.slice(root.length).split(sep).filter((part) => part !== '');
}

async function openBelow(root: string, parts: readonly string[]): Promise<FileHandle> {
  let handle = await open(root, O_PATH | constants.O_DIRECTORY);
  const mode = (await handle.stat()).mode & 0o777;
  for (const part of parts) {
    const parent = handle;
    try {
      handle = await openStep(`/proc/self/fd/${parent.fd}/${part}`, mode);
    } finally {
      await parent.close();
    }
  }
  return handle;
}

async function openStep(path: string, mode: number): Promise<FileHandle> {
  try {
    return await openNoLink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(path);
    const made = await openNoLink(path);
    // As open as the volume is, whatever the process' umask.
    await chmod(`/proc/self/fd/${made.fd}`, mode);
    return made;
  }
}

async function openNoLink(path: string): Promise<FileHandle> {
  const handle = await open(path, O_PATH | constants.O_NOFOLLOW);
  if (!(await handle.stat()).isSymbolicLink()) return handle;
  await handle.close();
  throw new Error('a symbolic link took the place of a directory while a subPath was being followed');
}
