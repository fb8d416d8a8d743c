import type { V1PersistentVolume } from '../../../api/generated/types.ts';

/** `namespace/name` of the secrets that a kubelet needs in order to mount a bound volume (`VisitPVSecretNames`, those that kubelets see). */
export function volumeSecrets({ spec }: V1PersistentVolume): readonly string[] {
  if (!spec?.claimRef) return [];
  const claimNamespace = spec.claimRef.namespace ?? '';
  const references = [
    spec.azureFile && { name: spec.azureFile.secretName, namespace: spec.azureFile.secretNamespace },
    spec.cephfs?.secretRef,
    spec.cinder?.secretRef,
    spec.flexVolume?.secretRef,
    spec.iscsi?.secretRef,
    spec.rbd?.secretRef,
    spec.scaleIO?.secretRef,
    spec.storageos?.secretRef,
    spec.csi?.nodePublishSecretRef,
    spec.csi?.nodeStageSecretRef,
    spec.csi?.nodeExpandSecretRef,
  ];
  return references.flatMap((each) => (each?.name ? [`${each.namespace || claimNamespace}/${each.name}`] : []));
}
