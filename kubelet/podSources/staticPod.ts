import { createHash } from 'node:crypto';
import type { V1Pod } from '../../api/generated/types.ts';
import { canonicalJson } from '../../api/values/stableHash.ts';
import { ANNOTATION_CONFIG_HASH, ANNOTATION_CONFIG_MIRROR, ANNOTATION_CONFIG_SEEN, ANNOTATION_CONFIG_SOURCE } from '../../api/wellKnown.ts';
import type { Draft } from '../../api/meta.ts';
import { formatTime } from '../../process/clock.ts';
import { specOf } from '../podContainers.ts';

/** What a manifest may hold before it becomes a pod of this node. */
export type PodManifest = Draft<V1Pod>;

/** The pod that a file describes: named for the node, its uid and hash from its content (`applyDefaults` of the file source). */
export function staticPod(manifest: PodManifest, nodeName: string, now: number): V1Pod {
  if (manifest.kind !== 'Pod' || !manifest.spec || !manifest.metadata.name) throw new Error('a static pod needs kind Pod, metadata.name and spec');
  const hash = createHash('md5').update(canonicalJson({ manifest, nodeName })).digest('hex');
  const time = formatTime(now);
  return {
    ...manifest,
    apiVersion: 'v1',
    metadata: {
      ...manifest.metadata,
      name: `${manifest.metadata.name}-${nodeName}`,
      namespace: manifest.metadata.namespace ?? 'default',
      uid: manifest.metadata.uid ?? hash,
      resourceVersion: '',
      creationTimestamp: time,
      annotations: { ...manifest.metadata.annotations, [ANNOTATION_CONFIG_HASH]: hash, [ANNOTATION_CONFIG_SEEN]: time, [ANNOTATION_CONFIG_SOURCE]: 'file' },
    },
    spec: {
      ...manifest.spec,
      nodeName,
      restartPolicy: manifest.spec.restartPolicy ?? 'Always',
      // A static pod stays whatever happens to its node.
      tolerations: [...(manifest.spec.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }],
    },
  };
}

/** The pod's mirror in the API, through which it is seen there. */
export function mirrorOf(pod: V1Pod, node: { readonly name: string; readonly uid: string }): Draft<V1Pod> {
  const hash = pod.metadata.annotations?.[ANNOTATION_CONFIG_HASH] ?? '';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      ...(pod.metadata.labels ? { labels: pod.metadata.labels } : {}),
      annotations: { ...pod.metadata.annotations, [ANNOTATION_CONFIG_MIRROR]: hash },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }],
    },
    spec: specOf(pod),
  };
}

export function isMirror(pod: V1Pod): boolean {
  return pod.metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] !== undefined;
}

export function isStatic(pod: V1Pod): boolean {
  const source = pod.metadata.annotations?.[ANNOTATION_CONFIG_SOURCE];
  return source !== undefined && source !== 'api' && !isMirror(pod);
}

/** Whether the mirror shows this very version of the static pod. */
export function mirrorsVersion(mirror: V1Pod, pod: V1Pod): boolean {
  return mirror.metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] === pod.metadata.annotations?.[ANNOTATION_CONFIG_HASH];
}
