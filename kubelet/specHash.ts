import type { V1Container } from '../api/generated/types.ts';
import { canonicalJson, fnv32a } from '../api/values/stableHash.ts';

/**
 * What of a container makes a restart necessary when it changes: its name and its image, all that a running pod's update may change and
 * that a process cannot take up. Nothing else is in it, so that an upgrade of Kubernetes' types or of Gantry restarts no container
 * (`kubecontainer.HashContainer`, which names the same two).
 */
export function specHash(container: Pick<V1Container, 'name' | 'image'>): string {
  return fnv32a(canonicalJson({ name: container.name, image: container.image ?? '' })).toString(16);
}
