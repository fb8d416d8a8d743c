import type { ObjectMetaDraft } from '../api/meta.ts';

/** `namespace/name`, or `name` for cluster-scoped objects: the key that informers and queues use. */
export function objectKey(object: { readonly metadata: ObjectMetaDraft }): string {
  const { namespace, name = '' } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * Whether one resourceVersion is newer than another: unsigned decimals of any length, compared without loss;
 * '' is older than all. (Kubernetes 1.35 made this order part of the API.)
 */
export function isNewer(left: string, right: string): boolean {
  return left.length === right.length ? left > right : left.length > right.length;
}
