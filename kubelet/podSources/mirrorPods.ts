import { ApiError } from '../../api/apiError.ts';
import type { V1Pod } from '../../api/generated/types.ts';
import { Pods } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import { mirrorOf, mirrorsVersion } from './staticPod.ts';

/** Brings a static pod's mirror in the API up to its version: makes it, or takes an old one away first. */
export async function ensureMirror(client: KubeClient, pod: V1Pod, mirror: V1Pod | undefined, node: { readonly name: string; readonly uid: string }): Promise<void> {
  const { name, namespace } = pod.metadata;
  if (mirror && mirrorsVersion(mirror, pod) && !mirror.metadata.deletionTimestamp) return;
  if (mirror) await deleteMirror(client, mirror);
  try {
    await client.create(Pods, mirrorOf(pod, node), namespace);
  } catch (error) {
    // Ours of a moment ago, which the informer has not brought yet; else a pod of that name that is none of ours.
    if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
    const existing = await client.get(Pods, name, namespace);
    if (!mirrorsVersion(existing, pod)) throw error;
  }
}

/** Takes the mirror of a static pod away that is gone or changed. */
export async function deleteMirror(client: KubeClient, mirror: V1Pod): Promise<void> {
  const { name, namespace, uid } = mirror.metadata;
  try {
    await client.delete(Pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.reason !== 'NotFound' && error.reason !== 'Conflict')) throw error;
  }
}
