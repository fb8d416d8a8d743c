import type { KubeObject } from '../../api/meta.ts';
import type { V1OwnerReference } from '../../api/generated/types.ts';
import type { Resource } from '../../client/types.ts';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** What the collector knows of one object; its metadata is all that counts. */
export interface ObjectNode {
  readonly resource: Resource;
  readonly uid: string;
  readonly name: string;
  /** `''` for cluster-scoped objects. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly owners: readonly V1OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

export function nodeOf(resource: Resource, { metadata }: KubeObject): ObjectNode {
  return {
    resource,
    uid: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    resourceVersion: metadata.resourceVersion,
    owners: metadata.ownerReferences ?? [],
    finalizers: metadata.finalizers ?? [],
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

/** It is being deleted, and waits until what it owns is gone. */
export const waitsForDependents = (node: ObjectNode): boolean => node.deleting && node.finalizers.includes(FOREGROUND_FINALIZER);
/** It is being deleted, and what it owns must be set free before. */
export const orphansDependents = (node: ObjectNode): boolean => node.deleting && node.finalizers.includes(ORPHAN_FINALIZER);

/** Who owns whom, by uid. An owner need not be in the graph to have dependents: its object may come later, or be gone. */
export class OwnerGraph {
  readonly #nodes = new Map<string, ObjectNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): ObjectNode | undefined {
    return this.#nodes.get(uid);
  }

  dependentsOf(uid: string): readonly ObjectNode[] {
    return [...(this.#dependents.get(uid) ?? [])].map((each) => this.#nodes.get(each)!);
  }

  /** Takes in an object's newest state; gives the one before. */
  set(node: ObjectNode): ObjectNode | undefined {
    const previous = this.#nodes.get(node.uid);
    if (previous) this.#unlink(previous);
    this.#nodes.set(node.uid, node);
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(node.uid));
    }
    return previous;
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#unlink(node);
    this.#nodes.delete(uid);
  }

  #unlink(node: ObjectNode): void {
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(node.uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}
