import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ContainerConfigError } from '../env/containerEnv.ts';

/**
 * A path inside a volume, made as a directory where it is missing. What a symbolic link leads out of the volume is refused: a
 * container could have put it there to reach the host.
 */
export async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw new ContainerConfigError(`subPath "${subPath}" must be a relative path without '..'`);
  const root = await realpath(volume);
  let path = root;
  for (const part of subPath.split('/').filter((each) => each !== '' && each !== '.')) {
    const next = join(path, part);
    if (!(await there(next))) await mkdir(next, { mode: 0o750 });
    path = await realpath(next);
    if (path !== root && !path.startsWith(root + sep)) throw new ContainerConfigError(`subPath "${subPath}" leads out of its volume`);
  }
  return path;
}

function there(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
