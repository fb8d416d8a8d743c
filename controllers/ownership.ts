import type { KubeObject } from '../api/meta.ts';
import type { V1OwnerReference } from '../api/generated/types.ts';

/** The owner reference that makes an object its controller's (`metav1.NewControllerRef`). */
export function controllerReference(owner: KubeObject): V1OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
}

export function controllerOf(object: KubeObject): V1OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The index that finds what a controller owns: by its uid, or `orphans:<namespace>` for what nobody controls. */
export const CONTROLLER_UID_INDEX = 'controllerUid';

export function controllerUidIndexer(object: KubeObject): readonly string[] {
  const reference = controllerOf(object);
  return [reference ? reference.uid : orphansOf(object.metadata.namespace ?? '')];
}

export function orphansOf(namespace: string): string {
  return `orphans:${namespace}`;
}

export interface Claim<T> {
  /** Controlled by the owner, and still matching. */
  readonly owned: readonly T[];
  /** Matching orphans that the owner may take. */
  readonly adopt: readonly T[];
  /** Controlled by the owner but no longer matching. */
  readonly release: readonly T[];
}

/**
 * Which of the candidates belong to an owner (Kubernetes' ControllerRefManager): a terminating owner adopts and releases nothing,
 * and a terminating object is never adopted.
 */
export function claim<T extends KubeObject>(owner: KubeObject, candidates: readonly T[], matches: (object: T) => boolean): Claim<T> {
  const ownerTerminates = owner.metadata.deletionTimestamp !== undefined;
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  for (const candidate of candidates) {
    const reference = controllerOf(candidate);
    if (reference) {
      if (reference.uid !== owner.metadata.uid) continue;
      if (matches(candidate)) owned.push(candidate);
      else if (!ownerTerminates) release.push(candidate);
    } else if (!ownerTerminates && candidate.metadata.deletionTimestamp === undefined && matches(candidate)) {
      adopt.push(candidate);
    }
  }
  return { owned, adopt, release };
}

/** Merge patch that takes an orphan; the uid guards against another object of the same name. */
export function adoptionPatch(owner: KubeObject, orphan: KubeObject): unknown {
  return { metadata: { uid: orphan.metadata.uid, ownerReferences: [...(orphan.metadata.ownerReferences ?? []), controllerReference(owner)] } };
}

/** Merge patch that lets an object go. */
export function releasePatch(owner: KubeObject, object: KubeObject): unknown {
  const left = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner.metadata.uid);
  return { metadata: { uid: object.metadata.uid, ownerReferences: left.length === 0 ? null : left } };
}
