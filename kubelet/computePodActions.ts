import type { V1Container, V1Pod } from '../api/generated/types.ts';
import { type BackoffEntry, retryAt } from './backoff.ts';
import { type ContainerKind, isSidecar, specOf, type SpecContainer } from './podContainers.ts';
import type { ProbeResults } from './probes/types.ts';
import { effectivePolicy, restartsAfterExit } from './restartPolicy.ts';
import type { Container, RuntimePod, Sandbox } from './runtime/types.ts';
import { specHash } from './specHash.ts';

export interface PodActionsInput {
  readonly pod: V1Pod;
  readonly runtime: RuntimePod;
  /** The address of the newest sandbox, if it has one. */
  readonly sandboxHasAddress: boolean;
  readonly probes: (containerName: string, containerId: string) => ProbeResults;
  /** By container name. */
  readonly backoff: ReadonlyMap<string, BackoffEntry>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ContainerStart extends SpecContainer {
  /** 0 for the first; the restart count that the status will show. */
  readonly attempt: number;
  /** When the last run ended, if there was one: what the next back-off counts from. */
  readonly lastFinishedAt: number | undefined;
}

export interface ContainerKill {
  readonly containerId: string;
  readonly name: string;
  /** The text of the Killing event. */
  readonly message: string;
  readonly reason: 'SpecChanged' | 'LivenessProbe' | 'StartupProbe';
}

/** A container that would be started if it had not failed so lately. */
export interface ContainerBackoff extends SpecContainer {
  readonly delay: number;
  readonly retryAt: number;
}

/** What is to be done to a pod now, in this order: kill, sandbox, containers. */
export interface PodActions {
  /** Stop every container and the sandbox. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** The sandbox in use; undefined when a new one is to be made. */
  readonly sandbox: Sandbox | undefined;
  readonly sandboxAttempt: number;
  readonly kill: readonly ContainerKill[];
  readonly start: readonly ContainerStart[];
  readonly backedOff: readonly ContainerBackoff[];
}

/**
 * The difference between what a pod should be and what the runtime has of it. A container counts for the sandbox that it was made in;
 * those of sandboxes before it only tell of attempts and of what has succeeded already.
 */
export function computePodActions(input: PodActionsInput): PodActions {
  const newest = input.runtime.sandboxes[0];
  const ready = input.runtime.sandboxes.filter((sandbox) => sandbox.state === 'Ready');
  const hostNetwork = specOf(input.pod).hostNetwork ?? false;
  const usable = newest !== undefined && ready.length === 1 && newest.state === 'Ready' && newest.hostNetwork === hostNetwork && (hostNetwork || input.sandboxHasAddress);
  return usable ? inSandbox(input, newest) : withNewSandbox(input, newest);
}

const NOTHING: Omit<PodActions, 'sandboxAttempt'> = { killPod: false, createSandbox: false, sandbox: undefined, kill: [], start: [], backedOff: [] };

function withNewSandbox(input: PodActionsInput, newest: Sandbox | undefined): PodActions {
  const { pod, runtime } = input;
  const spec = specOf(pod);
  const sandboxAttempt = newest ? newest.attempt + 1 : 0;
  const kill = { ...NOTHING, killPod: true, sandboxAttempt };
  const unfinished = spec.containers.filter((container) => {
    const last = newestOf(runtime, container.name);
    return !last || last.state === 'Running' || last.state === 'Created' || mayRunAgain(pod, container, last);
  });
  // A pod that ran, and whose containers are all done for good, needs no sandbox any more.
  if (unfinished.length === 0) return runtime.containers.some((container) => container.state === 'Running') || newest?.state === 'Ready' ? kill : { ...NOTHING, sandboxAttempt };
  if (newest && neverRestarts(pod) && runtime.containers.length > 0) return kill;
  const init = spec.initContainers?.[0];
  const first: SpecContainer[] = init ? [{ kind: 'init', container: init }] : unfinished.map((container) => ({ kind: 'app', container }));
  const decided = first.map((each) => startOrWait(input, each));
  return { ...kill, createSandbox: true, start: decided.flatMap(({ start }) => start ?? []), backedOff: decided.flatMap(({ wait }) => wait ?? []) };
}

function neverRestarts(pod: V1Pod): boolean {
  return specOf(pod).containers.every((container) => effectivePolicy(pod, container) === 'Never');
}

/** Whether a container whose last run is over (perhaps with its sandbox) is still wanted. */
function mayRunAgain(pod: V1Pod, container: V1Container, last: Container): boolean {
  if (last.state === 'Unknown') return effectivePolicy(pod, container) !== 'Never';
  return restartsAfterExit(pod, container, 'app', last.exitCode);
}

function inSandbox(input: PodActionsInput, sandbox: Sandbox): PodActions {
  const { pod } = input;
  const spec = specOf(pod);
  const plan = new Plan(input, sandbox);
  for (const container of spec.ephemeralContainers ?? []) if (!plan.current(container.name)) plan.start({ kind: 'ephemeral', container });
  const initialized = spec.containers.some((container) => plan.current(container.name));
  for (const container of spec.initContainers ?? []) {
    const step = isSidecar(container) ? sidecarStep(plan, container, initialized) : initialized ? 'done' : initStep(plan, pod, container);
    if (step === 'failed') return plan.killAll();
    if (step === 'wait') return plan.actions();
  }
  let alive = 0;
  for (const container of spec.containers) if (appStep(plan, pod, container)) alive += 1;
  return alive === 0 ? plan.killAll() : plan.actions();
}

type InitStep = 'done' | 'wait' | 'failed';

function initStep(plan: Plan, pod: V1Pod, container: V1Container): InitStep {
  const current = plan.current(container.name);
  const each: SpecContainer = { kind: 'init', container };
  if (current?.state === 'Running') return 'wait';
  if (current?.state === 'Exited' && current.exitCode === 0) return 'done';
  if (current?.state === 'Exited' && !restartsAfterExit(pod, container, 'init', current.exitCode)) return 'failed';
  plan.start(each);
  return 'wait';
}

/** A sidecar is kept running; before the pod is initialized the next container waits until it has started. */
function sidecarStep(plan: Plan, container: V1Container, initialized: boolean): InitStep {
  const current = plan.current(container.name);
  const each: SpecContainer = { kind: 'init', container };
  if (current?.state !== 'Running') {
    plan.start(each);
    return initialized ? 'done' : 'wait';
  }
  if (plan.killIfFailing(current, each, true)) return initialized ? 'done' : 'wait';
  const started = !container.startupProbe || plan.input.probes(container.name, current.id).startup === 'Success';
  return initialized || started ? 'done' : 'wait';
}

/** True when the container runs on or will run again. */
function appStep(plan: Plan, pod: V1Pod, container: V1Container): boolean {
  const current = plan.current(container.name);
  const each: SpecContainer = { kind: 'app', container };
  if (current?.state === 'Running') {
    const restarts = effectivePolicy(pod, container) !== 'Never';
    return !plan.killIfFailing(current, each, restarts) || restarts || current.specHash !== specHash(container);
  }
  const last = current ?? newestOf(plan.input.runtime, container.name);
  if (last && last.state === 'Exited' && !restartsAfterExit(pod, container, 'app', last.exitCode)) return false;
  plan.start(each);
  return true;
}

/** Collects the actions on the containers of one sandbox. */
class Plan {
  readonly input: PodActionsInput;
  readonly #sandbox: Sandbox;
  readonly #kill: ContainerKill[] = [];
  readonly #start: ContainerStart[] = [];
  readonly #backedOff: ContainerBackoff[] = [];

  constructor(input: PodActionsInput, sandbox: Sandbox) {
    this.input = input;
    this.#sandbox = sandbox;
  }

  /** The newest container of this name in this sandbox. */
  current(name: string): Container | undefined {
    return this.input.runtime.containers.find((container) => container.name === name && container.sandboxId === this.#sandbox.id);
  }

  start(each: SpecContainer): void {
    const { start, wait } = startOrWait(this.input, each);
    if (start) this.#start.push(start);
    if (wait) this.#backedOff.push(wait);
  }

  /** Plans the end of a running container which changed or whose probes failed, and its next start; tells whether it did. */
  killIfFailing(current: Container, each: SpecContainer, restarts: boolean): boolean {
    const { name } = each.container;
    const probes = this.input.probes(name, current.id);
    const found: readonly [ContainerKill['reason'], string] | undefined =
      current.specHash !== specHash(each.container)
        ? ['SpecChanged', `Container ${name} definition changed`]
        : probes.liveness === 'Failure'
          ? ['LivenessProbe', `Container ${name} failed liveness probe`]
          : probes.startup === 'Failure'
            ? ['StartupProbe', `Container ${name} failed startup probe`]
            : undefined;
    if (!found) return false;
    const again = restarts || found[0] === 'SpecChanged';
    this.#kill.push({ containerId: current.id, name, reason: found[0], message: again ? `${found[1]}, will be restarted` : found[1] });
    // Whatever code it ends with, it is to run again: that is decided here and not by its exit.
    if (again) this.#start.push({ ...each, attempt: nextAttempt(this.input, name, each.kind), lastFinishedAt: undefined });
    return true;
  }

  killAll(): PodActions {
    return { ...NOTHING, killPod: true, sandbox: this.#sandbox, sandboxAttempt: this.#sandbox.attempt };
  }

  actions(): PodActions {
    return { killPod: false, createSandbox: false, sandbox: this.#sandbox, sandboxAttempt: this.#sandbox.attempt, kill: this.#kill, start: this.#start, backedOff: this.#backedOff };
  }
}

function startOrWait(input: PodActionsInput, each: SpecContainer): { readonly start?: ContainerStart; readonly wait?: ContainerBackoff } {
  const { name } = each.container;
  const last = newestOf(input.runtime, name);
  const entry = input.backoff.get(name);
  if (last?.state === 'Exited' && entry) {
    const at = retryAt(entry, last.finishedAt, input.now);
    if (at !== undefined) return { wait: { ...each, delay: entry.delay, retryAt: at } };
  }
  return { start: { ...each, attempt: nextAttempt(input, name, each.kind), lastFinishedAt: last?.state === 'Exited' ? last.finishedAt : undefined } };
}

/** One more than the newest that the runtime has; where it has none any more, than the status that the pod showed last. */
function nextAttempt({ pod, runtime }: PodActionsInput, name: string, kind: ContainerKind): number {
  const attempts = runtime.containers.filter((container) => container.name === name).map((container) => container.attempt);
  if (attempts.length > 0) return Math.max(...attempts) + 1;
  const statuses = kind === 'init' ? pod.status?.initContainerStatuses : kind === 'app' ? pod.status?.containerStatuses : pod.status?.ephemeralContainerStatuses;
  const status = statuses?.find((each) => each.name === name);
  return status?.containerID ? status.restartCount + 1 : 0;
}

function newestOf(runtime: RuntimePod, name: string): Container | undefined {
  return runtime.containers.find((container) => container.name === name);
}
