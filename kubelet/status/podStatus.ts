import type { V1ContainerStatus, V1Pod, V1PodCondition, V1PodStatus } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { qosClass } from '../qosClass.ts';
import { specOf } from '../podContainers.ts';
import { type ContainerStatuses, containerStatuses, type ContainerStatusInput, LOST_REASON } from './containerStatuses.ts';
import { DISRUPTION_TARGET, podConditions } from './podConditions.ts';
import { limitMessages } from './messageLimit.ts';
import { isTerminalPhase, podPhase } from './podPhase.ts';

/** A verdict of the kubelet on the whole pod, e.g. DeadlineExceeded or Evicted. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** Reason of the condition DisruptionTarget, for one that had to make room for others. */
  readonly disruption?: string;
}

export interface PodStatusInput extends ContainerStatusInput {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  /** Set where the kubelet has failed the pod. */
  readonly failure: PodFailure | undefined;
  /** Every container has been stopped for good. */
  readonly ended: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The whole status of a pod from its spec, what the runtime has of it, and the status before (`generateAPIPodStatus`). */
export function podStatus(input: PodStatusInput): V1PodStatus {
  const { pod, now } = input;
  const before = pod.status ?? {};
  const statuses = limitMessages(input.ended ? withoutLost(containerStatuses(input)) : containerStatuses(input));
  // A pod that was over stays so, whatever the runtime still has of it.
  const phase = isTerminalPhase(before.phase) ? (before.phase ?? 'Failed') : input.failure ? 'Failed' : podPhase(pod, statuses, input.ended);
  const time = formatTime(now);
  const sandbox = input.runtime.sandboxes[0];
  const sandboxReady = sandbox?.state === 'Ready' && (sandbox.hostNetwork || input.podIPs.length > 0);
  const podIPs = specOf(pod).hostNetwork ? (sandbox ? input.hostIPs : []) : input.podIPs;
  const keptIPs = podIPs.length > 0 ? podIPs : isTerminalPhase(phase) ? (before.podIPs ?? []).map(({ ip }) => ip) : [];
  const failure = input.failure ?? (before.reason && isTerminalPhase(before.phase) ? { reason: before.reason, message: before.message ?? '' } : undefined);
  return {
    conditions: withDisruption(podConditions(pod, phase, statuses, sandboxReady, time), pod, input.failure, time),
    ...(specOf(pod).containers.length > 0 ? { containerStatuses: statuses.app } : {}),
    ...(statuses.ephemeral.length > 0 ? { ephemeralContainerStatuses: statuses.ephemeral } : {}),
    ...(input.hostIPs[0] === undefined ? {} : { hostIP: input.hostIPs[0], hostIPs: input.hostIPs.map((ip) => ({ ip })) }),
    ...(statuses.init.length > 0 ? { initContainerStatuses: statuses.init } : {}),
    ...(failure?.message ? { message: failure.message } : {}),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    ...(keptIPs[0] === undefined ? {} : { podIP: keptIPs[0], podIPs: keptIPs.map((ip) => ({ ip })) }),
    qosClass: qosClass(pod),
    ...(failure?.reason ? { reason: failure.reason } : {}),
    startTime: before.startTime ?? time,
  };
}

/** Tells a controller that the pod did not fail by itself (`DisruptionTarget`). */
function withDisruption(conditions: V1PodCondition[], { metadata: { generation } }: V1Pod, failure: PodFailure | undefined, now: string): V1PodCondition[] {
  if (failure?.disruption === undefined || conditions.some(({ type, status }) => type === DISRUPTION_TARGET && status === 'True')) return conditions;
  const { disruption: reason, message } = failure;
  const target: V1PodCondition = { lastTransitionTime: now, message, ...(generation === undefined ? {} : { observedGeneration: generation }), reason, status: 'True', type: DISRUPTION_TARGET };
  return [...conditions.filter(({ type }) => type !== DISRUPTION_TARGET), target];
}

/** When all is over, what neither runs nor ended gets an end, so that nobody waits for it (`statusManager.TerminatePod`). */
function withoutLost(statuses: ContainerStatuses): ContainerStatuses {
  const over = (status: V1ContainerStatus): V1ContainerStatus =>
    status.state?.terminated
      ? status
      : { ...status, state: { terminated: { exitCode: 137, message: 'The container could not be located when the pod was terminated', reason: LOST_REASON } } };
  const started = (status: V1ContainerStatus): boolean => Boolean(status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated);
  // What was never reached is shown as waiting for ever: init containers behind the last that began, and the app behind them.
  const reached = statuses.init.findLastIndex(started);
  const last = statuses.init.at(-1);
  const initialized = statuses.app.some(started) || !last || last.state?.terminated?.exitCode === 0 || last.started === true;
  return { init: statuses.init.map((status, at) => (at <= reached ? over(status) : status)), app: initialized ? statuses.app.map(over) : statuses.app, ephemeral: statuses.ephemeral };
}
