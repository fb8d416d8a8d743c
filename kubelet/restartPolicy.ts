import type { V1Container, V1Pod } from '../api/generated/types.ts';
import { restartsAfterExit as restartsByPolicy } from '../api/values/restartPolicy.ts';
import { type ContainerKind, isSidecar, specOf } from './podContainers.ts';

/** Whether a container that exited with this code is to be started again, by its own policy and rules, else by the pod's. */
export function restartsAfterExit(pod: V1Pod, container: V1Container, kind: ContainerKind, exitCode: number): boolean {
  if (kind === 'ephemeral') return false;
  // An ordinary init container that succeeded has done its work.
  const policy = kind === 'init' && !isSidecar(container) && effectivePolicy(pod, container) === 'Always' ? 'OnFailure' : specOf(pod).restartPolicy;
  return restartsByPolicy(container, policy, exitCode);
}

/** `Always`, `OnFailure` or `Never`. */
export function effectivePolicy(pod: V1Pod, container: V1Container): string {
  return container.restartPolicy ?? specOf(pod).restartPolicy ?? 'Always';
}
