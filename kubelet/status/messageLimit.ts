import type { V1ContainerState, V1ContainerStatus } from '../../api/generated/types.ts';
import type { ContainerStatuses } from './containerStatuses.ts';

/** `MaxPodTerminationMessageLogLength`, in bytes: for all containers of a pod together. */
const MAX_POD_BYTES = 12 * 1024;

/** Shortens the last words of containers where many of them would make the pod's object too large: each has the same share (`normalizeStatus`). */
export function limitMessages({ init, app, ephemeral }: ContainerStatuses): ContainerStatuses {
  const share = Math.floor(MAX_POD_BYTES / Math.max(1, init.length + app.length + ephemeral.length));
  const limited = (status: V1ContainerStatus): V1ContainerStatus => ({
    ...status,
    ...(status.state ? { state: limitedState(status.state, share) } : {}),
    ...(status.lastState ? { lastState: limitedState(status.lastState, share) } : {}),
  });
  return { init: init.map(limited), app: app.map(limited), ephemeral: ephemeral.map(limited) };
}

function limitedState(state: V1ContainerState, bytes: number): V1ContainerState {
  const { terminated } = state;
  if (!terminated?.message || Buffer.byteLength(terminated.message) <= bytes) return state;
  return { ...state, terminated: { ...terminated, message: Buffer.from(terminated.message).subarray(0, bytes).toString('utf8') } };
}
