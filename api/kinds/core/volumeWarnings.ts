import type { V1PersistentVolume } from '../../generated/types.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nodeSelectorTermWarnings } from './nodeLabelWarnings.ts';
import { fractionWarning, storageClassWarnings } from './claimWarnings.ts';

/** Kinds of volumes that no node can mount any more, by Kubernetes' words for each. */
export const REMOVED_SOURCES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** `GetWarningsForPersistentVolume`. */
export function volumeWarnings({ metadata, spec }: IncomingObject<V1PersistentVolume>): string[] {
  if (!spec) return [];
  const texts = storageClassWarnings(metadata.annotations);
  if (metadata.annotations?.['volume.beta.kubernetes.io/mount-options'] !== undefined) texts.push('metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead');
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') texts.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.');
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) texts.push(...nodeSelectorTermWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, term, 'required'));
  const sources: Readonly<Record<string, unknown>> = { ...spec };
  for (const [kind, message] of Object.entries(REMOVED_SOURCES)) if (sources[kind] !== undefined) texts.push(`spec.${kind === 'storageos' ? 'storageOS' : kind}: ${message}`);
  return [...texts, ...fractionWarning('spec.capacity[storage]', spec.capacity?.storage)];
}
