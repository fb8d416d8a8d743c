import type { KubeObject } from '../meta.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { isKnownFinalizer } from '../validation/finalizers.ts';

/**
 * What Kubernetes says of the finalizers that a write adds to a custom resource. They may be called anything that a label may be: many operators (Argo CD, Rook, Metal³)
 * have finalizers without a path.
 */
export function finalizerWarnings(object: IncomingObject, previous?: KubeObject): string[] {
  const before = new Set(previous?.metadata.finalizers ?? []);
  const added = new Set((object.metadata.finalizers ?? []).filter((name) => !before.has(name) && !isKnownFinalizer(name)));
  return [...added].sort().map((name) => `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name${name.includes('.') ? ' including a path (/)' : ''} to avoid accidental conflicts with other finalizer writers`);
}
