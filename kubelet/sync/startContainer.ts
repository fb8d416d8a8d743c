import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { V1Pod } from '../../api/generated/types.ts';
import type { ContainerStart } from '../computePodActions.ts';
import { ImageError } from '../images/imageManager.ts';
import { identityOf } from '../podContainers.ts';
import { containerLogLink, containerLogPath } from '../podPaths.ts';
import type { RuntimeImage, Sandbox } from '../runtime/types.ts';
import type { MountedVolume } from '../volumes/types.ts';
import { containerConfig } from './containerConfig.ts';
import type { SyncContext } from './context.ts';
import { unlessInterrupted } from './interrupted.ts';
import { runHook } from './lifecycleHooks.ts';
import { ContainerStartError } from './startError.ts';
import { messageOf } from '../errorText.ts';

/** A hook may take as long as it wants; the engine's own limit on a connection is longer. */
const HOOK_TIMEOUT_MILLISECONDS = 24 * 3_600_000;
const FAILED_HOOK_GRACE_SECONDS = 2;

export interface PodInSandbox {
  readonly pod: V1Pod;
  readonly sandbox: Sandbox;
  readonly podIPs: readonly string[];
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** Aborted when the pod is to end: what takes long is then left with an `InterruptedError`. */
  readonly interrupted: AbortSignal;
}

/** Image, configuration, create, start, log links, postStart: the life of one container up to its running. Throws a `ContainerStartError`. */
export async function startContainer(context: SyncContext, { pod, sandbox, podIPs, volumes, interrupted }: PodInSandbox, start: ContainerStart): Promise<void> {
  const { container } = start;
  const failed = (message: string): void => context.events.container(pod, start, 'Warning', 'Failed', `Error: ${message}`);
  const image = await unlessInterrupted(ensureImage(context, pod, start, failed), interrupted);
  const config = await attempt('CreateContainerConfigError', failed, () => containerConfig(context, { pod, container, attempt: start.attempt, image, podIPs, volumes }));
  const id = await attempt('CreateContainerError', failed, () => context.runtime.createContainer(sandbox.id, config));
  context.events.container(pod, start, 'Normal', 'Created', 'Container created');
  await attempt('RunContainerError', failed, () => context.runtime.startContainer(id));
  context.events.container(pod, start, 'Normal', 'Started', 'Container started');
  await linkLog(context, pod, start, id);
  if (container.lifecycle?.postStart) await unlessInterrupted(postStart(context, pod, start, id, podIPs[0] ?? ''), interrupted);
}

async function ensureImage(context: SyncContext, pod: V1Pod, start: ContainerStart, failed: (message: string) => void): Promise<RuntimeImage> {
  try {
    return await context.images.ensure(pod, start);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    failed(error.reason);
    throw new ContainerStartError(error.reason, error.message, error.retryAt);
  }
}

async function attempt<T>(reason: string, failed: (message: string) => void, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const message = messageOf(error);
    failed(message);
    throw new ContainerStartError(reason, message);
  }
}

/** The engine's file under the names where Kubernetes has logs. */
async function linkLog(context: SyncContext, pod: V1Pod, start: ContainerStart, id: string): Promise<void> {
  const target = await context.runtime.logPath(id);
  if (!target) return;
  const path = containerLogPath(context.paths, identityOf(pod), start.container.name, start.attempt);
  await replaceLink(target, path);
  await replaceLink(path, containerLogLink(context.paths, identityOf(pod), start.container.name, id));
}

async function replaceLink(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(target, path);
}

/** A container whose postStart fails is ended again. */
async function postStart(context: SyncContext, pod: V1Pod, start: ContainerStart, id: string, podIP: string): Promise<void> {
  const handler = start.container.lifecycle?.postStart;
  if (!handler) return;
  try {
    await runHook(context, handler, { pod, container: start.container, containerId: id, podIP }, HOOK_TIMEOUT_MILLISECONDS);
  } catch (error) {
    const message = messageOf(error);
    context.events.container(pod, start, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
    context.events.container(pod, start, 'Normal', 'Killing', 'FailedPostStartHook');
    await context.runtime.stopContainer(id, FAILED_HOOK_GRACE_SECONDS);
    throw new ContainerStartError('PostStartHookError', `PostStartHook failed: ${message}`);
  }
}
