import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';

/** What is to be done with the finalizer that keeps an object while it is used. */
export type ProtectionStep = 'add' | 'remove' | 'none';

/** An object that lives bears the finalizer; one that is to go loses it as soon as nothing uses it any more. */
export function protectionStep({ metadata }: KubeObject, finalizer: string, isUsed: () => boolean): ProtectionStep {
  const has = metadata.finalizers?.includes(finalizer) ?? false;
  if (metadata.deletionTimestamp === undefined) return has ? 'none' : 'add';
  return has && !isUsed() ? 'remove' : 'none';
}

/** The object after the step. */
export function withStep<T extends KubeObject>(object: T, finalizer: string, step: 'add' | 'remove'): T {
  const others = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: step === 'add' ? [...others, finalizer] : others } };
}

/** Names of the claims that a pod uses. One without a node uses none: a kubelet does not start a pod whose claim is to go. */
export function claimsOf({ metadata, spec, status }: V1Pod): readonly string[] {
  if (!spec?.nodeName) return [];
  const isShutDown = metadata.deletionTimestamp !== undefined && (status?.containerStatuses ?? []).every(({ state }) => state?.terminated !== undefined);
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral && !isShutDown ? [`${metadata.name}-${name}`] : [];
  });
}

/** Whether a pod uses this claim; one that was made for a pod is used by that pod only. */
export function usesClaim(pod: V1Pod, { metadata }: V1PersistentVolumeClaim): boolean {
  const volume = (pod.spec?.volumes ?? []).find(({ name, ephemeral }) => ephemeral && `${pod.metadata.name}-${name}` === metadata.name);
  if (volume && !metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)) return false;
  return claimsOf(pod).includes(metadata.name);
}

/** Names of the classes of attributes that a claim or a volume has, wants, or is on its way to. */
export function attributesClassesUsed(object: V1PersistentVolumeClaim | V1PersistentVolume): readonly string[] {
  // Volumes have none of these in their status.
  const { status } = object as V1PersistentVolumeClaim;
  return [object.spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name) => name !== undefined && name !== '') as string[];
}
