import { readFile, stat, statfs } from 'node:fs/promises';
import type { NodeSignals, Observation } from './nodePressure.ts';

/** Reads what the node has left; `rootDir` is the kubelet's directory, `imageDir` the engine's. */
export async function readSignals(rootDir: string, imageDir: string): Promise<NodeSignals> {
  const [meminfo, nodefs, imagefs, pids, root, image] = await Promise.all([readFile('/proc/meminfo', 'utf8'), statfs(rootDir), statfs(imageDir), readPids(), stat(rootDir), stat(imageDir)]);
  const space = ({ bavail, blocks, bsize }: typeof nodefs): Observation => ({ available: bavail * bsize, capacity: blocks * bsize });
  const inodes = ({ ffree, files }: typeof nodefs): Observation => ({ available: ffree, capacity: files });
  return {
    observations: {
      'memory.available': memory(meminfo),
      'nodefs.available': space(nodefs),
      'nodefs.inodesFree': inodes(nodefs),
      'imagefs.available': space(imagefs),
      'imagefs.inodesFree': inodes(imagefs),
      'pid.available': pids,
    },
    dedicatedImagefs: root.dev !== image.dev,
  };
}

/** The `MemAvailable` and `MemTotal` lines of /proc/meminfo, in bytes. */
export function memory(meminfo: string): Observation {
  const line = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { available: line('MemAvailable'), capacity: line('MemTotal') };
}

async function readPids(): Promise<Observation> {
  const [most, threads, load] = await Promise.all(['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max', '/proc/loadavg'].map((file) => readFile(file, 'utf8')));
  return pids(Number(most), Number(threads), load ?? '');
}

/** Every thread takes a number; how many there are is behind the stroke in /proc/loadavg. */
export function pids(pidMax: number, threadsMax: number, loadavg: string): Observation {
  const capacity = Math.min(pidMax, threadsMax);
  return { available: Math.max(0, capacity - Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0)), capacity };
}
