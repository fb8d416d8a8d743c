import type { V1ContainerStatus, V1Pod, V1PodCondition } from '../../api/generated/types.ts';
import { isSidecar, specOf } from '../podContainers.ts';
import type { ContainerStatuses } from './containerStatuses.ts';

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions that the kubelet writes; all others of a pod are somebody else's. */
export const OWNED_CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const;

/** Written by the kubelet where it ends a pod for the node's good, and by others (`PodConditionSharedByKubelet`). */
export const DISRUPTION_TARGET = 'DisruptionTarget';

/** Whether a condition is the kubelet's own verdict. */
export function isOwnCondition({ type, reason }: V1PodCondition): boolean {
  return OWNED_CONDITIONS.some((each) => each === type) || (type === DISRUPTION_TARGET && reason === 'TerminationByKubelet');
}

/** The kubelet's conditions after those that others wrote. An unchanged one keeps its transition time. */
export function podConditions(pod: V1Pod, phase: string, statuses: ContainerStatuses, sandboxReady: boolean, now: string): V1PodCondition[] {
  const previous = pod.status?.conditions ?? [];
  const containersReady = containersReadyVerdict(pod, phase, statuses);
  const verdicts: Readonly<Record<(typeof OWNED_CONDITIONS)[number], Verdict>> = {
    PodReadyToStartContainers: { status: sandboxReady ? 'True' : 'False' },
    Initialized: initializedVerdict(pod, phase, statuses),
    Ready: readyVerdict(pod, containersReady, previous),
    ContainersReady: containersReady,
    PodScheduled: { status: 'True' },
  };
  const others = previous.filter((condition) => !OWNED_CONDITIONS.some((type) => type === condition.type));
  return [...OWNED_CONDITIONS.map((type) => conditionOf(type, verdicts[type], pod, previous, now)), ...others];
}

function conditionOf(type: string, verdict: Verdict, pod: V1Pod, conditions: readonly V1PodCondition[], now: string): V1PodCondition {
  const before = conditions.find((condition) => condition.type === type);
  const generation = pod.metadata.generation;
  return {
    lastTransitionTime: before?.status === verdict.status && before.lastTransitionTime ? before.lastTransitionTime : now,
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    status: verdict.status,
    type,
  };
}

/** `GeneratePodInitializedCondition`. */
function initializedVerdict(pod: V1Pod, phase: string, { init, app }: ContainerStatuses): Verdict {
  const containers = specOf(pod).initContainers ?? [];
  if (containers.length === 0) return { status: 'True' };
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  // Whoever saw an app container start knows that the pod was initialized, whatever became of its init containers since.
  if (app.some((status) => status.state?.running || status.state?.terminated || status.lastState?.terminated)) return { status: 'True' };
  const incomplete = containers.filter((container) => {
    const status = init.find((each) => each.name === container.name);
    return isSidecar(container) ? !status?.started : !status?.ready;
  });
  if (incomplete.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${names(incomplete)}]` };
}

/** `GenerateContainersReadyCondition`. */
function containersReadyVerdict(pod: V1Pod, phase: string, { init, app }: ContainerStatuses): Verdict {
  const spec = specOf(pod);
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = (list: readonly V1ContainerStatus[], name: string): boolean => !list.find((status) => status.name === name)?.ready;
  const missing = [
    ...(spec.initContainers ?? []).filter((container) => isSidecar(container) && unready(init, container.name)),
    ...spec.containers.filter((container) => unready(app, container.name)),
  ];
  if (missing.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${names(missing)}]` };
}

/** `GeneratePodReadyCondition`. */
function readyVerdict(pod: V1Pod, containersReady: Verdict, conditions: readonly V1PodCondition[]): Verdict {
  if (containersReady.status !== 'True') return containersReady;
  const messages = (specOf(pod).readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = conditions.find((condition) => condition.type === conditionType);
    if (!gate) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  return messages.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function names(containers: readonly { readonly name: string }[]): string {
  return containers.map(({ name }) => name).join(' ');
}
