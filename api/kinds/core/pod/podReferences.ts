import type { V1Pod, V1Volume } from '../../../generated/types.ts';
import { ANNOTATION_CONFIG_MIRROR } from '../../../wellKnown.ts';

/** Kinds of objects that a node may read because of what runs on it. */
export type ReferencedKind = 'secrets' | 'configmaps' | 'serviceaccounts' | 'persistentvolumeclaims' | 'resourceclaims';

export type Reference = readonly [kind: ReferencedKind, name: string];

/**
 * The objects in a pod's own namespace that its node needs (`Graph.AddPod`). Nothing for mirror pods: a node, which makes them, must
 * not give itself rights by them.
 */
export function podReferences(pod: V1Pod): readonly Reference[] {
  if (pod.metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] !== undefined) return [];
  const { spec, status } = pod;
  if (!spec) return [];
  const found: Reference[] = [];
  const add = (kind: ReferencedKind, name: string | undefined): void => {
    if (name) found.push([kind, name]);
  };
  add('serviceaccounts', spec.serviceAccountName);
  for (const { name } of spec.imagePullSecrets ?? []) add('secrets', name);
  for (const { env, envFrom } of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of envFrom ?? []) {
      add('configmaps', configMapRef?.name);
      add('secrets', secretRef?.name);
    }
    for (const { valueFrom } of env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef?.name);
      add('secrets', valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) found.push(...volumeReferences(pod, volume));
  for (const claim of spec.resourceClaims ?? []) {
    add('resourceclaims', claim.resourceClaimName ?? status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)?.resourceClaimName);
  }
  add('resourceclaims', status?.extendedResourceClaimStatus?.resourceClaimName);
  return found;
}

function volumeReferences(pod: V1Pod, volume: V1Volume): Reference[] {
  const secrets = [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ];
  const configMaps = [volume.configMap?.name, ...(volume.projected?.sources ?? []).map(({ configMap }) => configMap?.name)];
  const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined);
  const named = (kind: ReferencedKind, names: readonly (string | undefined)[]): Reference[] => names.flatMap((name): Reference[] => (name ? [[kind, name]] : []));
  return [...named('secrets', secrets), ...named('configmaps', configMaps), ...named('persistentvolumeclaims', [claim])];
}
