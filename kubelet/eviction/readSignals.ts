import { readFile, statfs } from 'node:fs/promises';
import type { FileSystemSignal, NodeSignals } from './nodePressure.ts';

/** Reads what the node has left; `rootDir` is the kubelet's directory, `imageDir` the engine's. */
export async function readSignals(rootDir: string, imageDir: string): Promise<NodeSignals> {
  const [meminfo, nodefs, imagefs] = await Promise.all([readFile('/proc/meminfo', 'utf8'), fileSystem(rootDir), fileSystem(imageDir)]);
  return { memoryAvailable: memoryAvailable(meminfo), nodefs, imagefs };
}

/** The `MemAvailable` line of /proc/meminfo, in bytes. */
export function memoryAvailable(meminfo: string): number {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? Infinity : Number(kibibytes) * 1024;
}

async function fileSystem(directory: string): Promise<FileSystemSignal> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(directory);
  return { available: bavail * bsize, capacity: blocks * bsize, inodesFree: ffree, inodes: files };
}
