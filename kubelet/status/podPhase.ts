import type { V1ContainerStatus, V1Pod } from '../../api/generated/types.ts';
import { isSidecar, specOf } from '../podContainers.ts';
import { effectivePolicy, restartsAfterExit } from '../restartPolicy.ts';
import type { ContainerStatuses } from './containerStatuses.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** The phase that the containers' states amount to (`getPhase`). `ended`: everything of the pod has been stopped for good. */
export function podPhase(pod: V1Pod, statuses: ContainerStatuses, ended: boolean): PodPhase {
  const spec = specOf(pod);
  const find = (list: readonly V1ContainerStatus[], name: string): V1ContainerStatus | undefined => list.find((status) => status.name === name);
  let initializing = false;
  let sidecarsRunning = 0;
  for (const container of spec.initContainers ?? []) {
    const status = find(statuses.init, container.name);
    if (isSidecar(container)) {
      if (status?.state?.running) sidecarsRunning += 1;
      if (status?.state?.running ? !status.started : !status?.state?.terminated && !status?.lastState?.terminated) initializing = true;
      continue;
    }
    const exitCode = status?.state?.terminated?.exitCode ?? (status?.state?.waiting ? status.lastState?.terminated?.exitCode : undefined);
    if (exitCode !== undefined && exitCode !== 0 && !restartsAfterExit(pod, container, 'init', exitCode)) return 'Failed';
    if (exitCode !== 0) initializing = true;
  }
  let waiting = 0;
  let running = 0;
  let willRestart = 0;
  const exitCodes: number[] = [];
  for (const container of spec.containers) {
    const { state, lastState } = find(statuses.app, container.name) ?? {};
    const end = state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined);
    if (state?.running) running += 1;
    else if (end) {
      exitCodes.push(end.exitCode);
      if (restartsAfterExit(pod, container, 'app', end.exitCode) || effectivePolicy(pod, container) === 'Always') willRestart += 1;
    } else waiting += 1;
  }
  if (ended && running === 0) return exitCodes.length > 0 && waiting === 0 && exitCodes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
  if (initializing && running === 0 && exitCodes.length === 0) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0 || sidecarsRunning > 0 || willRestart > 0) return 'Running';
  return exitCodes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
}
