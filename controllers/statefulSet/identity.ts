import type { Draft } from '../../api/meta.ts';
import type { V1PersistentVolumeClaim, V1Pod, V1PodTemplateSpec, V1StatefulSet, V1Volume } from '../../api/generated/types.ts';
import { podFromTemplate } from '../podControl.ts';
import { REVISION_HASH_LABEL } from '../revisionHistory.ts';

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The ordinal in a pod's name, or undefined for a pod that no ordinal of this set could have made. */
export function ordinalOf(set: V1StatefulSet, pod: V1Pod): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name);
  return match?.[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export const podName = (set: V1StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;
export const claimName = (claim: V1PersistentVolumeClaim, set: V1StatefulSet, ordinal: number): string => `${claim.metadata.name}-${podName(set, ordinal)}`;

/** The pod of an ordinal: its name, host name and volumes stay the same through every replacement. */
export function statefulPod(set: V1StatefulSet, template: V1PodTemplateSpec, revision: string, ordinal: number): Draft<V1Pod> {
  const name = podName(set, ordinal);
  const pod = podFromTemplate(set, template, name);
  const claims = set.spec?.volumeClaimTemplates ?? [];
  const claimed: V1Volume[] = claims.map((claim) => ({ name: claim.metadata.name, persistentVolumeClaim: { claimName: claimName(claim, set, ordinal), readOnly: false } }));
  const names = new Set(claimed.map((volume) => volume.name));
  const volumes = [...claimed, ...(pod.spec?.volumes ?? []).filter((volume) => !names.has(volume.name))];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinal), [REVISION_HASH_LABEL]: revision } },
    spec: { ...pod.spec!, hostname: name, ...(set.spec?.serviceName ? { subdomain: set.spec.serviceName } : {}), ...(volumes.length > 0 ? { volumes } : {}) },
  };
}

/** The claims of an ordinal's volumes. */
export function statefulClaims(set: V1StatefulSet, ordinal: number): Draft<V1PersistentVolumeClaim>[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((claim) => ({
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...claim.metadata, name: claimName(claim, set, ordinal), namespace: set.metadata.namespace, labels: { ...claim.metadata.labels, ...set.spec?.selector.matchLabels } },
  }));
}
