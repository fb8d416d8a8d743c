import { open } from 'node:fs/promises';
import { lastLines } from '../logs/lastLines.ts';
import type { Container, RuntimePod } from '../runtime/types.ts';
import { LABEL_TERMINATION_PATH, LABEL_TERMINATION_POLICY } from './containerConfig.ts';
import { isMissing } from '../errorText.ts';

/** `MaxContainerTerminationMessageLength`, and the limits where the log stands in. */
const MAX_MESSAGE = 4096;
const MAX_LOG_MESSAGE = 2048;
const MAX_LOG_LINES = 80;

/** Completes what the runtime says of ended containers by their last words: the termination message file, or the end of their log. */
export async function withTerminationMessages(runtime: RuntimePod, cache: Map<string, string>): Promise<RuntimePod> {
  const containers = await Promise.all(
    runtime.containers.map(async (container) => {
      if (container.state !== 'Exited' || container.reason === 'ContainerCannotRun') return container;
      const known = cache.get(container.id) ?? (await terminationMessage(container));
      cache.set(container.id, known);
      return known === '' ? container : { ...container, message: container.message === '' ? known : `${container.message}: ${known}` };
    }),
  );
  return { ...runtime, containers };
}

async function terminationMessage(container: Container): Promise<string> {
  const path = container.labels[LABEL_TERMINATION_PATH];
  const file = container.mounts.find((mount) => mount.containerPath === path)?.hostPath;
  const message = file === undefined ? '' : await head(file, MAX_MESSAGE);
  const useLog = message === '' && container.labels[LABEL_TERMINATION_POLICY] === 'FallbackToLogsOnError' && container.exitCode !== 0;
  return useLog && container.logPath !== '' ? lastLines(container.logPath, MAX_LOG_LINES, MAX_LOG_MESSAGE) : message;
}

async function head(file: string, length: number): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    // A pod's directory goes before its last status is asked for.
    if (isMissing(error)) return '';
    throw error;
  }
}
