import type { V1Container, V1Pod } from '../../api/generated/types.ts';
import { containersOf, isSidecar, type SpecContainer, specOf } from '../podContainers.ts';
import type { Container, RuntimePod } from '../runtime/types.ts';
import type { SyncContext } from './context.ts';
import { runHook } from './lifecycleHooks.ts';

/** What is left to a container after its preStop hook has used up the grace (`minimumGracePeriodInSeconds`). */
const MINIMUM_GRACE_SECONDS = 2;

/** The time that a pod's containers have to end; it can only become less. */
export class Grace {
  seconds: number;
  readonly #shortened = new Set<(seconds: number) => void>();

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  shorten(seconds: number): void {
    if (seconds >= this.seconds) return;
    this.seconds = seconds;
    for (const listener of this.#shortened) listener(seconds);
  }

  onShortened(listener: (seconds: number) => void): () => void {
    this.#shortened.add(listener);
    return () => void this.#shortened.delete(listener);
  }
}

/** Ends every running container: sidecars after all others, the last of them first. */
export async function killAllContainers(context: SyncContext, pod: V1Pod, runtime: RuntimePod, grace: Grace): Promise<void> {
  const since = context.clock.monotonic();
  const left = (): number => Math.max(MINIMUM_GRACE_SECONDS, grace.seconds - Math.floor((context.clock.monotonic() - since) / 1000));
  const sidecars = (specOf(pod).initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const running = runtime.containers.filter((container) => container.state === 'Running');
  const message = (container: Container): string => `Stopping container ${container.name}`;
  await Promise.all(running.filter(({ name }) => !sidecars.includes(name)).map((container) => killContainer(context, pod, container, message(container), grace.seconds, grace)));
  for (const name of sidecars.reverse()) {
    for (const container of running.filter((each) => each.name === name)) await killContainer(context, pod, container, message(container), Math.min(grace.seconds, left()), grace);
  }
}

/** preStop, then the stop signal, then SIGKILL, all within the grace. */
export async function killContainer(context: SyncContext, pod: V1Pod, container: Container, message: string, graceSeconds: number, grace?: Grace): Promise<void> {
  const spec = containersOf(pod).find((each) => each.container.name === container.name);
  if (spec) context.events.container(pod, spec, 'Normal', 'Killing', message);
  const stopListening = grace?.onShortened((seconds) => {
    context.runtime.stopContainer(container.id, seconds).catch((error: unknown) => context.logger.error('a container could not be stopped sooner', { container: container.id, error }));
  });
  try {
    const since = context.clock.monotonic();
    if (spec?.container.lifecycle?.preStop && graceSeconds > 0) await preStop(context, pod, spec, container, graceSeconds);
    const used = Math.floor((context.clock.monotonic() - since) / 1000);
    const left = used === 0 ? graceSeconds : Math.max(MINIMUM_GRACE_SECONDS, graceSeconds - used);
    await context.runtime.stopContainer(container.id, Math.min(left, grace?.seconds ?? left));
  } finally {
    stopListening?.();
  }
}

async function preStop(context: SyncContext, pod: V1Pod, spec: SpecContainer, container: Container, graceSeconds: number): Promise<void> {
  const handler = spec.container.lifecycle?.preStop;
  if (!handler) return;
  const podIP = context.network.addresses(container.sandboxId)[0] ?? context.hostIPs[0] ?? '';
  try {
    await runHook(context, handler, { pod, container: spec.container, containerId: container.id, podIP }, graceSeconds * 1000);
  } catch (error) {
    context.logger.warn('a preStop hook failed', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, container: spec.container.name, error });
    context.events.container(pod, spec, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
  }
}

/** The grace of a container that its probe condemned: the probe's own, else the pod's. */
export function probeGrace(pod: V1Pod, container: V1Container | undefined, reason: 'SpecChanged' | 'LivenessProbe' | 'StartupProbe'): number {
  const probe = reason === 'LivenessProbe' ? container?.livenessProbe : reason === 'StartupProbe' ? container?.startupProbe : undefined;
  return probe?.terminationGracePeriodSeconds ?? specOf(pod).terminationGracePeriodSeconds ?? 30;
}
