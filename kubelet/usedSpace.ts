import { runCommand } from '../host/command.ts';

/** Bytes on the disk, and files and directories. */
export interface SpaceUsed {
  readonly bytes: number;
  readonly inodes: number;
}

export const NO_SPACE: SpaceUsed = { bytes: 0, inodes: 0 };

/** Large volumes take their time, and others need the disk. */
const TIMEOUT_MILLISECONDS = 60_000;
/** A command line holds so many paths with ease. */
const PATHS_AT_ONCE = 500;

export function sumOfSpace(list: readonly SpaceUsed[]): SpaceUsed {
  return list.reduce((sum, { bytes, inodes }) => ({ bytes: sum.bytes + bytes, inodes: sum.inodes + inodes }), NO_SPACE);
}

/** What lies below each of the directories, without what is mounted there; one that is not there has none. */
export async function usedSpace(directories: readonly string[]): Promise<ReadonlyMap<string, SpaceUsed>> {
  const used = new Map<string, SpaceUsed>();
  for (let at = 0; at < directories.length; at += PATHS_AT_ONCE) {
    const some = directories.slice(at, at + PATHS_AT_ONCE);
    const [bytes, inodes] = await Promise.all([diskUsage(['--block-size=1'], some), diskUsage(['--inodes'], some)]);
    for (const directory of some) used.set(directory, { bytes: bytes.get(directory) ?? 0, inodes: inodes.get(directory) ?? 0 });
  }
  return used;
}

/** Its exit code does not count: files come and go while it walks. */
async function diskUsage(options: readonly string[], directories: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await runCommand(['nice', '-n', '19', 'du', '--summarize', '--one-file-system', '--null', ...options, '--', ...directories], { timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  return readDiskUsage(stdout);
}

/** Reads what `du --null` prints. */
export function readDiskUsage(output: string): ReadonlyMap<string, number> {
  return new Map(
    output.split('\0').flatMap((line) => {
      const [, count, path] = /^(\d+)\t(.*)$/s.exec(line) ?? [];
      return count === undefined || path === undefined ? [] : [[path, Number(count)] as const];
    }),
  );
}
