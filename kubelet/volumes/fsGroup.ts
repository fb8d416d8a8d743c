import { chmod, lchown, readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '../../api/generated/types.ts';
import { containersOf, specOf } from '../podContainers.ts';

const SETGID = 0o2000;
const DIRECTORY_EXECUTE = 0o110;

/** The bits that a member of the pod's fsGroup is given (`volume.SetVolumeOwnership`). */
export function fsGroupMode(mode: number, isDirectory: boolean, readOnly: boolean): number {
  return (mode & 0o7777) | (readOnly ? 0o440 : 0o660) | (isDirectory ? SETGID | DIRECTORY_EXECUTE : 0);
}

/** Gives the directory and all in it to the group; links are not followed. */
export async function setFsGroup(path: string, group: number, readOnly: boolean): Promise<void> {
  const found = await lstat(path);
  await lchown(path, found.uid, group);
  if (found.isSymbolicLink()) return;
  await chmod(path, fsGroupMode(found.mode, found.isDirectory(), readOnly));
  if (found.isDirectory()) for (const name of await readdir(path)) await setFsGroup(join(path, name), group, readOnly);
}

/** The user that every container of the pod runs as, if there is one such (`util.FsUserFrom`): it may then read the token alone. */
export function fsUserOf(pod: V1Pod): number | undefined {
  const ofPod = specOf(pod).securityContext?.runAsUser;
  const users = new Set(containersOf(pod).map(({ container }) => container.securityContext?.runAsUser ?? ofPod));
  const [user] = users;
  return users.size === 1 ? user : undefined;
}
