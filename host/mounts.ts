import { readFile } from 'node:fs/promises';
import { checkCommand } from './command.ts';

/** Puts a file system in memory on the directory. `bytes` limits it; undefined for the kernel's half of the memory. */
export async function mountTmpfs(path: string, bytes?: number): Promise<void> {
  await checkCommand(['mount', '-t', 'tmpfs', ...(bytes === undefined ? [] : ['-o', `size=${bytes}`]), 'tmpfs', path]);
}

/** Makes the source appear at the target. The source is taken as it is written, its links unresolved. */
export async function bindMount(source: string, target: string): Promise<void> {
  await checkCommand(['mount', '--no-canonicalize', '--bind', source, target]);
}

/** Takes the topmost mount off the path. */
export async function unmount(path: string): Promise<void> {
  await checkCommand(['umount', path]);
}

/** Whether something is mounted on the very path. */
export async function isMountPoint(path: string): Promise<boolean> {
  return (await mountPoints()).includes(path);
}

/** Paths below the directory on which something is mounted, inner ones first, one that bears several mounts as often. */
export async function mountPointsBelow(directory: string): Promise<readonly string[]> {
  return (await mountPoints()).filter((path) => path.startsWith(`${directory}/`)).reverse();
}

async function mountPoints(): Promise<readonly string[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The mount points of a `mountinfo`, in the order in which they were mounted (proc(5)). */
export function parseMountInfo(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((path) => path !== undefined)
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
}
