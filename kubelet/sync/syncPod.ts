import type { V1Pod } from '../../api/generated/types.ts';
import { type BackoffEntry, formatDelay, nextBackoff } from '../backoff.ts';
import { computePodActions, type ContainerBackoff, type PodActions } from '../computePodActions.ts';
import { containersOf, formatPod, specOf } from '../podContainers.ts';
import type { RuntimePod, Sandbox } from '../runtime/types.ts';
import type { StartError } from '../status/containerStatuses.ts';
import type { SyncContext } from './context.ts';
import { surplusOf } from './deadContainers.ts';
import { type Grace, killAllContainers, killContainer, probeGrace } from './killContainers.ts';
import { InterruptedError, unlessInterrupted } from './interrupted.ts';
import { createSandbox, stopSandboxes } from './podSandbox.ts';
import { startContainer } from './startContainer.ts';
import { ContainerStartError } from './startError.ts';
import { messageOf } from '../errorText.ts';

/** After a failure that says nothing of its own. */
const RETRY_MILLISECONDS = 10_000;

/** What one pod's worker remembers between its rounds. */
export interface PodMemory {
  /** By container name. */
  readonly backoff: Map<string, BackoffEntry>;
  readonly startErrors: Map<string, StartError>;
}

/** How a round and its worker talk to each other. */
export interface SyncRound {
  /** Called whenever the pod's status may have changed. */
  readonly progress: () => Promise<void>;
  /** Aborted when the pod is to end: the round then rejects with an `InterruptedError`. */
  readonly interrupted: AbortSignal;
  /** The time for the containers that the round ends; whoever wants the whole pod to end may shorten it. */
  readonly killGrace: (seconds: number) => Grace;
}

/**
 * One round on a pod that is to run, given what the runtime has of it: finds the difference and carries it out. Resolves to when the next round is due at the latest
 * (milliseconds since the epoch), undefined where only an event will bring one.
 */
export async function syncPod(context: SyncContext, pod: V1Pod, runtime: RuntimePod, memory: PodMemory, round: SyncRound): Promise<number | undefined> {
  const { uid } = pod.metadata;
  const newest = runtime.sandboxes[0];
  const actions = computePodActions({
    pod,
    runtime,
    sandboxHasAddress: newest !== undefined && context.network.addresses(newest.id).length > 0,
    probes: (name, id) => context.probes.results(uid, name, id),
    backoff: memory.backoff,
    now: context.clock.now(),
  });
  if (actions.killPod && runtime.sandboxes.length > 0) {
    if (actions.createSandbox) context.events.pod(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    await killAllContainers(context, pod, runtime, round.killGrace(specOf(pod).terminationGracePeriodSeconds ?? 30));
    await stopSandboxes(context, runtime);
  }
  for (const kill of actions.kill) {
    const container = runtime.containers.find(({ id }) => id === kill.containerId);
    const spec = containersOf(pod).find((each) => each.container.name === kill.name);
    const seconds = probeGrace(pod, spec?.container, kill.reason);
    if (container) await killContainer(context, pod, container, kill.message, seconds, round.killGrace(seconds));
  }
  if (round.interrupted.aborted) throw new InterruptedError('the pod is to end');
  noteBackoffs(context, pod, memory, actions.backedOff);
  const due = actions.backedOff.map(({ retryAt }) => retryAt);
  if (actions.start.length > 0) due.push(...(await startAll(context, pod, memory, actions, round)));
  await removeSurplus(context, runtime);
  return due.length > 0 ? Math.min(...due) : undefined;
}

function noteBackoffs(context: SyncContext, pod: V1Pod, memory: PodMemory, backoffs: readonly ContainerBackoff[]): void {
  for (const backoff of backoffs) {
    const { name } = backoff.container;
    const message = `back-off ${formatDelay(backoff.delay)} restarting failed container=${name} pod=${formatPod(pod)}`;
    if (memory.startErrors.get(name)?.message !== message || memory.startErrors.get(name)?.reason !== 'CrashLoopBackOff') {
      context.events.container(pod, backoff, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${formatPod(pod)}`);
    }
    memory.startErrors.set(name, { reason: 'CrashLoopBackOff', message });
  }
}

async function startAll(context: SyncContext, pod: V1Pod, memory: PodMemory, actions: PodActions, round: SyncRound): Promise<readonly number[]> {
  const due: number[] = [];
  const volumes = await mountVolumes(context, pod, round.interrupted);
  const { sandbox, podIPs } = actions.sandbox ? existing(context, actions.sandbox) : await newSandbox(context, pod, actions.sandboxAttempt);
  if (!actions.sandbox) await round.progress();
  for (const start of actions.start) {
    const { name } = start.container;
    const now = context.clock.now();
    if (start.lastFinishedAt !== undefined) memory.backoff.set(name, nextBackoff(memory.backoff.get(name), start.lastFinishedAt, now));
    try {
      await startContainer(context, { pod, sandbox, podIPs, volumes, interrupted: round.interrupted }, start);
      memory.startErrors.delete(name);
    } catch (error) {
      if (!(error instanceof ContainerStartError)) throw error;
      memory.startErrors.set(name, { reason: error.reason, message: error.message });
      due.push(error.retryAt ?? now + RETRY_MILLISECONDS);
    }
    await round.progress();
  }
  return due;
}

async function mountVolumes(context: SyncContext, pod: V1Pod, interrupted: AbortSignal): ReturnType<SyncContext['volumes']['mountVolumes']> {
  try {
    return await unlessInterrupted(context.volumes.mountVolumes(pod, AbortSignal.any([context.signal, interrupted])), interrupted);
  } catch (error) {
    if (interrupted.aborted) throw error;
    context.events.pod(pod, 'Warning', 'FailedMount', messageOf(error));
    throw error;
  }
}

function existing(context: SyncContext, sandbox: Sandbox): { readonly sandbox: Sandbox; readonly podIPs: readonly string[] } {
  return { sandbox, podIPs: sandbox.hostNetwork ? context.hostIPs : context.network.addresses(sandbox.id) };
}

async function newSandbox(context: SyncContext, pod: V1Pod, attempt: number): ReturnType<typeof createSandbox> {
  try {
    return await createSandbox(context, pod, attempt);
  } catch (error) {
    const message = messageOf(error);
    context.events.pod(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
    throw error;
  }
}

async function removeSurplus(context: SyncContext, runtime: RuntimePod): Promise<void> {
  const { containers, sandboxes } = surplusOf(runtime);
  for (const { id } of containers) await context.runtime.removeContainer(id);
  for (const { id } of sandboxes) await context.runtime.removeSandbox(id);
}
