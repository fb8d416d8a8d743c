import type { V1ContainerStatus, V1Pod } from '../../api/generated/types.ts';
import { containersOf, formatPod, identityOf, specOf } from '../podContainers.ts';
import type { Container, ContainerRuntime } from '../runtime/types.ts';
import { RefusedError } from './access.ts';

/** What the server asks of the kubelet that it belongs to. */
export interface PodDirectory {
  pods(): readonly V1Pod[];
  podByName(namespace: string, name: string): V1Pod | undefined;
}

export function findPod(directory: PodDirectory, namespace: string, name: string): V1Pod {
  const pod = directory.podByName(namespace, name);
  if (!pod) throw new RefusedError(404, `pod does not exist`);
  return pod;
}

/** The newest run of a container that runs. */
export async function runningContainer(runtime: ContainerRuntime, pod: V1Pod, name: string): Promise<Container> {
  const { containers } = await runtime.pod(identityOf(pod));
  const found = containers.find((container) => container.name === name && container.state === 'Running');
  if (!found) throw new RefusedError(404, `container not found ("${name}")`);
  return found;
}

/** The first process id in the pod's own network namespace; 0 for a pod on the host's network. */
export async function networkPid(runtime: ContainerRuntime, pod: V1Pod): Promise<number> {
  if (specOf(pod).hostNetwork) return 0;
  const { sandboxes } = await runtime.pod(identityOf(pod));
  const ready = sandboxes.find((sandbox) => sandbox.state === 'Ready' && sandbox.pid > 0);
  if (!ready) throw new RefusedError(404, `pod not found ("${formatPod(pod)}")`);
  return ready.pid;
}

/** The run whose log is wanted; throws with Kubernetes' text where there is none (`validateContainerLogStatus`). */
export async function loggedContainer(runtime: ContainerRuntime, pod: V1Pod, name: string, previous: boolean): Promise<Container> {
  const { containers } = await runtime.pod(identityOf(pod));
  const runs = containers.filter((container) => container.name === name && container.state !== 'Created');
  const run = previous ? runs.filter(({ state }) => state !== 'Running')[runs[0]?.state === 'Running' ? 0 : 1] : runs[0];
  if (run) return run;
  if (!containersOf(pod).some(({ container }) => container.name === name)) throw new RefusedError(404, `container "${name}" in pod "${pod.metadata.name}" is not available`);
  if (previous) throw new RefusedError(400, `previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  throw new RefusedError(400, waitingText(pod, name));
}

function waitingText(pod: V1Pod, name: string): string {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const status: V1ContainerStatus | undefined = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find((each) => each.name === name);
  const about = `container "${name}" in pod "${pod.metadata.name}"`;
  const reason = status?.state?.waiting?.reason;
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') return `${about} is waiting to start: ${reason === 'ErrImagePull' ? 'image can\'t be pulled' : 'trying and failing to pull image'}`;
  return reason === undefined ? `${about} is not available` : `${about} is waiting to start: ${reason}`;
}
