import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { V1Pod } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type PodManifest, staticPod } from './staticPod.ts';
import { isMissing } from '../errorText.ts';

export interface FileSourceOptions {
  readonly directory: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks, besides those that a change of the directory brings. */
  readonly frequency: number;
}

/** An editor writes a file in several steps. */
const SETTLE_MILLISECONDS = 200;

/** Hands on the static pods of a directory, all of them at each change, until the signal. */
export async function watchStaticPods(options: FileSourceOptions, changed: (pods: readonly V1Pod[]) => void, signal: AbortSignal): Promise<void> {
  const { directory, clock, logger, frequency } = options;
  const seen = new Map<string, { readonly text: string; readonly pod: V1Pod | undefined }>();
  let wake = new AbortController();
  const watcher = watchDirectory(directory, () => wake.abort(), logger);
  signal.addEventListener('abort', () => watcher?.close(), { once: true });
  while (!signal.aborted) {
    changed(await readPods(options, seen));
    wake = new AbortController();
    await clock.sleep(frequency, AbortSignal.any([signal, wake.signal]));
    if (wake.signal.aborted) await clock.sleep(SETTLE_MILLISECONDS, signal);
  }
}

function watchDirectory(directory: string, changed: () => void, logger: Logger): ReturnType<typeof watch> | undefined {
  try {
    const watcher = watch(directory, changed);
    watcher.on('error', (error) => logger.warn('the directory of static pods cannot be watched; it is read from time to time', { directory, error }));
    return watcher;
  } catch (error) {
    logger.warn('the directory of static pods cannot be watched; it is read from time to time', { directory, error });
    return undefined;
  }
}

/** A file that cannot be read as a pod keeps its last good version, so that a slip of the editor ends no pod. */
async function readPods(options: FileSourceOptions, seen: Map<string, { readonly text: string; readonly pod: V1Pod | undefined }>): Promise<readonly V1Pod[]> {
  const names = (await list(options.directory)).filter((name) => !name.startsWith('.')).sort();
  for (const name of seen.keys()) if (!names.includes(name)) seen.delete(name);
  for (const name of names) {
    const before = seen.get(name);
    try {
      const text = await readFile(join(options.directory, name), 'utf8');
      if (before?.text === text) continue;
      seen.set(name, { text, pod: before?.pod });
      seen.set(name, { text, pod: staticPod(parse(text) as PodManifest, options.nodeName, options.clock.now()) });
    } catch (error) {
      options.logger.error("can't process manifest file", { path: join(options.directory, name), error });
    }
  }
  return [...seen.values()].flatMap(({ pod }) => pod ?? []);
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
