import type { V1Container, V1ContainerState, V1ContainerStatus, V1Pod } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { type ContainerKind, isSidecar, specOf } from '../podContainers.ts';
import type { ProbeResults } from '../probes/types.ts';
import { restartsAfterExit } from '../restartPolicy.ts';
import type { Container, RuntimePod } from '../runtime/types.ts';

/** Why a container does not run although it should: the waiting state's reason and message. */
export interface StartError {
  /** e.g. `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerConfigError`. */
  readonly reason: string;
  readonly message: string;
}

export interface ContainerStatusInput {
  readonly pod: V1Pod;
  readonly runtime: RuntimePod;
  /** By container name. */
  readonly startErrors: ReadonlyMap<string, StartError>;
  readonly probes: (containerName: string, containerId: string) => ProbeResults;
  /** The pod is being ended: nothing will be started any more. */
  readonly ending: boolean;
  /** `docker`: the prefix of container ids. */
  readonly runtimeName: string;
}

/** The text of a container that the API knows of and the runtime does not. */
export const LOST_REASON = 'ContainerStatusUnknown';
const LOST_EXIT_CODE = 137;

export interface ContainerStatuses {
  readonly init: V1ContainerStatus[];
  readonly app: V1ContainerStatus[];
  readonly ephemeral: V1ContainerStatus[];
}

/** The statuses of all containers of the pod, in the order of its spec (`convertToAPIContainerStatuses`). */
export function containerStatuses(input: ContainerStatusInput): ContainerStatuses {
  const spec = specOf(input.pod);
  const of = (containers: readonly V1Container[] | undefined, kind: ContainerKind, previous: readonly V1ContainerStatus[] | undefined): V1ContainerStatus[] =>
    (containers ?? []).map((container) => containerStatus(input, container, kind, previous?.find((status) => status.name === container.name)));
  return {
    init: of(spec.initContainers, 'init', input.pod.status?.initContainerStatuses),
    app: of(spec.containers, 'app', input.pod.status?.containerStatuses),
    ephemeral: of(spec.ephemeralContainers, 'ephemeral', input.pod.status?.ephemeralContainerStatuses),
  };
}

function containerStatus(input: ContainerStatusInput, container: V1Container, kind: ContainerKind, previous: V1ContainerStatus | undefined): V1ContainerStatus {
  const runs = input.runtime.containers.filter((each) => each.name === container.name);
  const newest = runs[0];
  const status = newest ? ofRuns(input, newest, runs[1], previous) : ofNone(input, container, kind, previous);
  const error = input.startErrors.get(container.name);
  if (error && !input.ending && newest?.state !== 'Running' && wanted(input, container, kind, newest)) {
    if (status.state?.terminated) status.lastState = { terminated: status.state.terminated };
    status.state = { waiting: { ...(error.message === '' ? {} : { message: error.message }), reason: error.reason } };
  }
  return withReadiness(input, container, kind, newest, status, previous);
}

function wanted({ pod }: ContainerStatusInput, container: V1Container, kind: ContainerKind, newest: Container | undefined): boolean {
  return newest?.state !== 'Exited' || restartsAfterExit(pod, container, kind, newest.exitCode);
}

function ofRuns(input: ContainerStatusInput, newest: Container, before: Container | undefined, previous: V1ContainerStatus | undefined): V1ContainerStatus {
  const last = before ? { terminated: terminatedState(input, before) } : previous && previous.restartCount === newest.attempt ? previous.lastState : previousEnd(input, newest, previous);
  return {
    containerID: `${input.runtimeName}://${newest.id}`,
    image: newest.image,
    imageID: newest.imageId,
    lastState: last ?? {},
    name: newest.name,
    ready: false,
    restartCount: newest.attempt,
    state: stateOf(input, newest),
  };
}

/** Where the runtime has lost the run before, its end as it was shown while it was the newest. */
function previousEnd(input: ContainerStatusInput, newest: Container, previous: V1ContainerStatus | undefined): V1ContainerState | undefined {
  const ended = previous?.state?.terminated;
  return ended && ended.containerID !== `${input.runtimeName}://${newest.id}` ? { terminated: ended } : previous?.lastState;
}

function ofNone(input: ContainerStatusInput, container: V1Container, kind: ContainerKind, previous: V1ContainerStatus | undefined): V1ContainerStatus {
  const base = { image: container.image ?? '', imageID: previous?.imageID ?? '', lastState: previous?.lastState ?? {}, name: container.name, ready: false, restartCount: previous?.restartCount ?? 0 };
  if (previous?.state?.terminated) return { ...previous, ready: false };
  if (previous?.state?.running) {
    const terminated = { exitCode: LOST_EXIT_CODE, message: 'The container could not be located when the pod was deleted.  The container used to be Running', reason: LOST_REASON };
    if (input.ending || !restartsAfterExit(input.pod, container, kind, LOST_EXIT_CODE)) return { ...base, ...(previous.containerID ? { containerID: previous.containerID } : {}), state: { terminated } };
    return { ...base, lastState: { terminated }, state: { waiting: { reason: defaultReason(input, kind) } } };
  }
  return { ...base, state: { waiting: { reason: defaultReason(input, kind) } } };
}

function defaultReason({ pod }: ContainerStatusInput, kind: ContainerKind): string {
  return kind === 'ephemeral' || (specOf(pod).initContainers ?? []).length === 0 ? 'ContainerCreating' : 'PodInitializing';
}

function stateOf(input: ContainerStatusInput, container: Container): V1ContainerState {
  if (container.state === 'Running') return { running: { startedAt: formatTime(container.startedAt) } };
  if (container.state === 'Exited') return { terminated: terminatedState(input, container) };
  return { waiting: { reason: 'ContainerCreating' } };
}

function terminatedState(input: ContainerStatusInput, container: Container): NonNullable<V1ContainerState['terminated']> {
  return {
    containerID: `${input.runtimeName}://${container.id}`,
    exitCode: container.exitCode,
    finishedAt: formatTime(container.finishedAt),
    ...(container.message === '' ? {} : { message: container.message }),
    reason: container.reason || 'Error',
    startedAt: formatTime(container.startedAt),
  };
}

/** A container whose probes have not spoken yet is what its status said of the same container before, so that a kubelet's restart changes nothing. */
function withReadiness(input: ContainerStatusInput, container: V1Container, kind: ContainerKind, newest: Container | undefined, status: V1ContainerStatus, previous: V1ContainerStatus | undefined): V1ContainerStatus {
  if (kind === 'init' && !isSidecar(container)) {
    return { ...status, ready: status.state?.terminated?.exitCode === 0, started: status.state?.running !== undefined };
  }
  if (!newest || newest.state !== 'Running' || !status.state?.running) return { ...status, ready: false, started: false };
  const results = input.probes(container.name, newest.id);
  const same = previous?.containerID === status.containerID ? previous : undefined;
  const started = !container.startupProbe || (results.startup === undefined ? (same?.started ?? false) : results.startup === 'Success');
  if (kind === 'ephemeral') return status;
  const ready = started && (!container.readinessProbe || (results.readiness === undefined ? (same?.ready ?? false) : results.readiness === 'Success'));
  return { ...status, ready, started };
}
