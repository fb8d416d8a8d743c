import type { V1Container, V1Pod } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';

const SECCOMP_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether an update of a pod touches anything that the checks look at and that can change at all: its images, and containers that are added. */
export function isSignificantUpdate(pod: IncomingObject<V1Pod>, previous: V1Pod): boolean {
  const changed = (container: V1Container, before: V1Container | undefined): boolean => {
    const key = SECCOMP_ANNOTATION + container.name;
    return before === undefined || container.image !== before.image || pod.metadata.annotations?.[key] !== previous.metadata.annotations?.[key];
  };
  for (const field of ['containers', 'initContainers'] as const) {
    const now = pod.spec?.[field] ?? [];
    const before = previous.spec?.[field] ?? [];
    if (now.length !== before.length || now.some((container, index) => changed(container, before[index]))) return true;
  }
  const before = previous.spec?.ephemeralContainers ?? [];
  return (pod.spec?.ephemeralContainers ?? []).some((container) => changed(container, before.find(({ name }) => name === container.name)));
}
