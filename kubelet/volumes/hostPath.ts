import { mkdir, stat, writeFile } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { V1HostPathVolumeSource } from '../../api/generated/types.ts';
import { codeOf, isMissing } from '../errorText.ts';

const KINDS: Readonly<Record<string, readonly [string, (found: Stats) => boolean]>> = {
  Directory: ['a directory', (found) => found.isDirectory()],
  DirectoryOrCreate: ['a directory', (found) => found.isDirectory()],
  File: ['a file', (found) => found.isFile()],
  FileOrCreate: ['a file', (found) => found.isFile()],
  Socket: ['a socket file', (found) => found.isSocket()],
  CharDevice: ['a character device', (found) => found.isCharacterDevice()],
  BlockDevice: ['a block device', (found) => found.isBlockDevice()],
};

/** `hostPathType`: makes what may be made, and refuses what is of another kind (`hostpath.checkTypeInternal`). */
export async function prepareHostPath({ path, type = '' }: V1HostPathVolumeSource): Promise<string> {
  const found = await existing(path);
  if (type === '') {
    // A path of no type is the container's affair; the engine, like others, wants something to bind.
    if (!found) await mkdir(path, { recursive: true, mode: 0o755 });
    return path;
  }
  if (!found && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (!found && type === 'FileOrCreate') await writeFile(path, '', { flag: 'a', mode: 0o644 });
  const [name, fits] = KINDS[type] ?? [type, () => false];
  const now = found ?? (await existing(path));
  if (!now || !fits(now)) throw new Error(`hostPath type check failed: ${path} is not ${name}`);
  return path;
}

async function existing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
