import type { KubeObject } from '../../api/meta.ts';

/** An object's metadata alone, as `PartialObjectMetadata` of a version of `meta.k8s.io`. */
export function partialMetadata(object: KubeObject, version: string): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}
