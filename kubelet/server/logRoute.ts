import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../process/clock.ts';
import { type LogOptions, readLogs } from '../logs/readLogs.ts';
import type { ContainerRuntime } from '../runtime/types.ts';
import { RefusedError } from './access.ts';
import { findPod, loggedContainer, type PodDirectory } from './containers.ts';

/** Reads `PodLogOptions` from a query; throws a `RefusedError` for what makes no sense. `now` is wall-clock milliseconds. */
export function logOptions(query: URLSearchParams, now: number): LogOptions & { readonly previous: boolean } {
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) throw new RefusedError(422, `invalid ${name}: must be greater than or equal to ${least}`);
    return value;
  };
  const flag = (name: string): boolean => ['1', 'true'].includes((query.get(name) ?? '').toLowerCase());
  const seconds = number('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (seconds !== undefined && sinceTime) throw new RefusedError(422, 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  const since = sinceTime ? Date.parse(sinceTime) : seconds === undefined ? undefined : now - seconds * 1000;
  if (since !== undefined && Number.isNaN(since)) throw new RefusedError(400, `invalid sinceTime: ${sinceTime}`);
  const stream = query.get('stream') ?? 'All';
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr') throw new RefusedError(422, `Unsupported value: "${stream}": supported values: "All", "Stdout", "Stderr"`);
  return { follow: flag('follow'), previous: flag('previous'), timestamps: flag('timestamps'), tailLines: number('tailLines', 0), limitBytes: number('limitBytes', 1), since, stream };
}

export interface LogRouteParts {
  readonly pods: PodDirectory;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
}

/** `/containerLogs/<namespace>/<pod>/<container>`. */
export async function answerLogs(parts: LogRouteParts, path: readonly string[], query: URLSearchParams, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const [namespace = '', name = '', container = ''] = path;
  const options = logOptions(query, parts.clock.now());
  const pod = findPod(parts.pods, namespace, name);
  const run = await loggedContainer(parts.runtime, pod, container, options.previous);
  const running = async (): Promise<boolean> => (await parts.runtime.pod(run.pod)).containers.some(({ id, state }) => id === run.id && state === 'Running');
  response.writeHead(200, { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' });
  // A client that follows is to know at once that it is connected, however silent the container.
  response.flushHeaders();
  await pipeline(readLogs({ path: run.logPath, running, clock: parts.clock, signal }, options), response);
}
