import type { V1Container, V1LifecycleHandler, V1Pod } from '../../api/generated/types.ts';
import { specOf } from '../podContainers.ts';
import type { SyncContext } from './context.ts';

export interface HookTarget {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly containerId: string;
  readonly podIP: string;
}

/** Runs a postStart or preStop hook to its end; throws where it fails, with what the hook said. */
export async function runHook(context: SyncContext, handler: V1LifecycleHandler, target: HookTarget, timeoutMilliseconds: number): Promise<void> {
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const result = await context.runtime.execSync(target.containerId, command, timeoutMilliseconds);
    if (result.exitCode !== 0) throw new Error(`Exec lifecycle hook (${JSON.stringify(command)}) failed with exit code ${result.exitCode}: ${Buffer.concat([result.stdout, result.stderr]).toString()}`);
  } else if (handler.httpGet) {
    await context.httpHook(target.pod, hookURL(handler.httpGet, target), headersOf(handler.httpGet), timeoutMilliseconds);
  } else if (handler.sleep) {
    await context.clock.sleep(Math.min(handler.sleep.seconds * 1000, timeoutMilliseconds), context.signal);
  } else {
    throw new Error(`invalid handler: ${JSON.stringify(handler)}`);
  }
}

function hookURL(action: NonNullable<V1LifecycleHandler['httpGet']>, { pod, container, podIP }: HookTarget): string {
  const port = typeof action.port === 'number' ? action.port : (container.ports?.find(({ name }) => name === action.port)?.containerPort ?? Number(action.port));
  if (!Number.isInteger(port)) throw new Error(`couldn't find port: "${action.port}" in container ${container.name} of pod ${pod.metadata.name}`);
  const host = action.host ?? (specOf(pod).hostNetwork ? '127.0.0.1' : podIP);
  const path = action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`;
  return `${(action.scheme ?? 'HTTP').toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}

function headersOf(action: NonNullable<V1LifecycleHandler['httpGet']>): Readonly<Record<string, string>> {
  return Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]));
}
