import type { RbacV1Subject, V1ClusterRole, V1ClusterRoleBinding } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import { deepEqual, semanticEqual } from '../../api/values/deepEqual.ts';
import { ANNOTATION_RBAC_AUTOUPDATE } from '../../api/wellKnown.ts';
import { uncovered } from '../authorization/ruleCoverage.ts';

type Role = Draft<V1ClusterRole>;
type Binding = Draft<V1ClusterRoleBinding>;

const isProtected = ({ metadata }: { readonly metadata: Role['metadata'] }): boolean => metadata.annotations?.[ANNOTATION_RBAC_AUTOUPDATE] === 'false';

/** A role with what it lacks of its default; undefined where it lacks nothing, or is not to be updated. What was added to it stays. */
export function reconcileRole<T extends Role>(present: T, wanted: Role): T | undefined {
  if (isProtected(present)) return undefined;
  const missing = uncovered(present.rules ?? [], wanted.rules ?? []);
  const next: T = { ...present, metadata: mergedMetadata(present.metadata, wanted.metadata) };
  if (missing.length > 0) next.rules = [...(present.rules ?? []), ...missing];
  const selectors = present.aggregationRule?.clusterRoleSelectors ?? [];
  const lacking = (wanted.aggregationRule?.clusterRoleSelectors ?? []).filter((each) => !selectors.some((known) => semanticEqual(known, each)));
  if (!wanted.aggregationRule) delete next.aggregationRule;
  else if (lacking.length > 0) next.aggregationRule = { clusterRoleSelectors: [...selectors, ...lacking] };
  return deepEqual(next, present) ? undefined : next;
}

export type BindingStep<T extends Binding> = { readonly kind: 'update'; readonly binding: T } | { readonly kind: 'recreate' };

/** What to do about a binding: its role cannot be changed, so a binding of another one is made anew. */
export function reconcileBinding<T extends Binding>(present: T, wanted: Binding): BindingStep<T> | undefined {
  if (isProtected(present)) return undefined;
  if (!semanticEqual(present.roleRef, wanted.roleRef)) return { kind: 'recreate' };
  const missing = (wanted.subjects ?? []).filter((each) => !present.subjects?.some((known) => isSameSubject(known, each)));
  const binding: T = { ...present, metadata: mergedMetadata(present.metadata, wanted.metadata) };
  if (missing.length > 0) binding.subjects = [...(present.subjects ?? []), ...missing];
  return deepEqual(binding, present) ? undefined : { kind: 'update', binding };
}

const isSameSubject = (a: RbacV1Subject, b: RbacV1Subject): boolean => a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

/** Labels and annotations that are there win. */
function mergedMetadata<M extends Role['metadata']>(present: M, wanted: Role['metadata']): M {
  return { ...present, labels: { ...wanted.labels, ...present.labels }, annotations: { ...wanted.annotations, ...present.annotations } };
}
