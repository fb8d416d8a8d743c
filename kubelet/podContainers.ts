import type { V1Container, V1Pod, V1PodSpec } from '../api/generated/types.ts';
import type { PodIdentity } from './runtime/types.ts';

export type ContainerKind = 'init' | 'app' | 'ephemeral';

/** A container of a pod's spec with the list that it stands in. */
export interface SpecContainer {
  readonly kind: ContainerKind;
  readonly container: V1Container;
}

export function specOf(pod: V1Pod): V1PodSpec {
  if (!pod.spec) throw new Error(`pod ${pod.metadata.namespace}/${pod.metadata.name} has no spec`);
  return pod.spec;
}

/** All containers: init containers first, then the app's, then the ephemeral ones. */
export function containersOf(pod: V1Pod): readonly SpecContainer[] {
  const spec = specOf(pod);
  return [
    ...(spec.initContainers ?? []).map((container) => ({ kind: 'init' as const, container })),
    ...spec.containers.map((container) => ({ kind: 'app' as const, container })),
    ...(spec.ephemeralContainers ?? []).map((container) => ({ kind: 'ephemeral' as const, container })),
  ];
}

/** A sidecar: an init container that goes on running beside the others (`IsRestartableInitContainer`). */
export function isSidecar(container: V1Container): boolean {
  return container.restartPolicy === 'Always';
}

/** What an event about a container points at. */
export function fieldPathOf({ kind, container }: SpecContainer): string {
  const list = kind === 'init' ? 'initContainers' : kind === 'app' ? 'containers' : 'ephemeralContainers';
  return `spec.${list}{${container.name}}`;
}

export function identityOf(pod: V1Pod): PodIdentity {
  return { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid };
}

/** `name_namespace(uid)`, as messages name a pod (`format.Pod`). */
export function formatPod(pod: V1Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}
