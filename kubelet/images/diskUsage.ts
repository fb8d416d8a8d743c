import { statfs } from 'node:fs/promises';
import type { DiskUsage } from './imageCollection.ts';

/** Of the file system that this directory is on, as one without privileges may use it. */
export async function diskUsage(directory: string): Promise<DiskUsage> {
  const { blocks, bavail, bsize } = await statfs(directory);
  return { capacity: blocks * bsize, available: bavail * bsize };
}
