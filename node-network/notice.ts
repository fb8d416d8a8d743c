import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What this component tells the kubelet, by a file, as flannel does by its subnet.env. */
export interface NetworkNotice {
  /** The largest packet that pods can send to every other pod, in bytes. */
  readonly mtu?: number;
}

/** Writes the file where it says something else. A reader finds the old notice or the new one. */
export async function writeNotice(file: string, notice: NetworkNotice | undefined): Promise<void> {
  if (notice === undefined) return rm(file, { force: true });
  const text = JSON.stringify(notice);
  if ((await textOf(file)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
