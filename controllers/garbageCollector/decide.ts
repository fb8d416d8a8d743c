import type { V1OwnerReference } from '../../api/generated/types.ts';
import { FOREGROUND_FINALIZER, type ObjectNode, ORPHAN_FINALIZER, orphansDependents, waitsForDependents } from './graph.ts';

/** How an owner that a reference names stands: there, gone for good, or going with what it owns. */
export type OwnerState = 'solid' | 'absent' | 'waiting';

export type CollectorAction =
  | { readonly kind: 'none' }
  /** Delete the object; its own finalizers decide what becomes of what it owns. */
  | { readonly kind: 'delete'; readonly propagationPolicy: 'Orphan' | 'Foreground' | 'Background' }
  /** Some owners are left: only forget the others. */
  | { readonly kind: 'forgetOwners'; readonly uids: readonly string[] }
  /** What it owns waits for it in turn: no owner is to wait for this object any more. */
  | { readonly kind: 'unblockOwners' }
  | { readonly kind: 'removeFinalizer'; readonly finalizer: string }
  /** Free these from this object, then remove its finalizer. */
  | { readonly kind: 'orphan'; readonly dependents: readonly ObjectNode[] }
  /** Look at these again: they must go before this one can. */
  | { readonly kind: 'visit'; readonly dependents: readonly ObjectNode[] };

/**
 * What to do about one object (Kubernetes' garbage collector: cascading deletion in the foreground, in the background, or orphaning).
 * An object goes when none of its owners is solid any more.
 */
export function decide(node: ObjectNode, dependents: readonly ObjectNode[], stateOf: (owner: V1OwnerReference) => OwnerState): CollectorAction {
  if (orphansDependents(node)) return { kind: 'orphan', dependents };
  if (waitsForDependents(node)) return foreground(node, dependents);
  if (node.deleting || node.owners.length === 0) return { kind: 'none' };

  const states = node.owners.map((owner) => ({ owner, state: stateOf(owner) }));
  const lost = states.filter(({ state }) => state !== 'solid').map(({ owner }) => owner.uid);
  if (lost.length === 0) return { kind: 'none' };
  if (lost.length < states.length) return { kind: 'forgetOwners', uids: lost };
  const ownerWaits = states.some(({ state }) => state === 'waiting');
  if (ownerWaits && dependents.length > 0) {
    // Owners in a circle would wait for each other for ever. As in Kubernetes, this may see a circle where there is none; then only the order differs.
    const isCircle = dependents.some(waitsForDependents) && node.owners.some(({ blockOwnerDeletion }) => blockOwnerDeletion);
    return isCircle ? { kind: 'unblockOwners' } : { kind: 'delete', propagationPolicy: 'Foreground' };
  }
  return { kind: 'delete', propagationPolicy: policyOf(node) };
}

/** Only dependents that block their owner's deletion are waited for. */
function foreground(node: ObjectNode, dependents: readonly ObjectNode[]): CollectorAction {
  const blocking = dependents.filter((dependent) => dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion));
  if (blocking.length === 0) return { kind: 'removeFinalizer', finalizer: FOREGROUND_FINALIZER };
  return { kind: 'visit', dependents: dependents.filter((dependent) => !dependent.deleting) };
}

function policyOf(node: ObjectNode): 'Orphan' | 'Foreground' | 'Background' {
  if (node.finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return node.finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
}
