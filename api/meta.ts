import type { V1ManagedFieldsEntry, V1OwnerReference } from './generated/types.ts';

/** Metadata as a client may send it: everything is optional. Also the metadata of templates. */
export interface ObjectMetaDraft {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  ownerReferences?: V1OwnerReference[];
  finalizers?: string[];
  managedFields?: V1ManagedFieldsEntry[];
  selfLink?: string;
}

/** Metadata of an object that the API server has accepted. */
export interface ObjectMeta extends ObjectMetaDraft {
  name: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
}

/** Metadata of an accepted object of a namespaced kind. */
export interface NamespacedMeta extends ObjectMeta {
  namespace: string;
}

export interface ListMeta {
  continue?: string;
  remainingItemCount?: number;
  resourceVersion?: string;
  selfLink?: string;
}

/** What every object of every kind has. Handlers, informers and the garbage collector know no more than this. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object of kind T as a client may send it, before the API server filled in its metadata. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & { metadata: ObjectMetaDraft };

export interface KubeList<T extends KubeObject = KubeObject> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}
