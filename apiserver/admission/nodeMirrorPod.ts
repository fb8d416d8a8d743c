import type { V1Pod } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { ANNOTATION_CONFIG_MIRROR } from '../../api/wellKnown.ts';
import { podReferences } from '../../api/kinds/core/pod/podReferences.ts';

/** Why a pod is none that a node may create: only the mirror of a static pod of its own, which refers to nothing else (`admitPodCreate`). The owner's uid is for the caller to compare. */
export function whyNotMirrorPod(node: string, pod: IncomingObject<V1Pod>): string | undefined {
  const quoted = JSON.stringify(node);
  if (pod.metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] === undefined) return `pod does not have ${JSON.stringify(ANNOTATION_CONFIG_MIRROR)} annotation, node ${quoted} can only create mirror pods`;
  if (pod.spec?.nodeName !== node) return `node ${quoted} can only create pods with spec.nodeName set to itself`;
  const [owner, ...others] = pod.metadata.ownerReferences ?? [];
  if (others.length > 0) return `node ${quoted} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) return `node ${quoted} can only create pods with an owner reference set to itself`;
  if (!owner.controller) return `node ${quoted} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `node ${quoted} must not set blockOwnerDeletion on an owner reference`;
  const refused = referenced(pod);
  return refused === undefined ? undefined : `node ${quoted} can not create pods that reference ${refused}`;
}

function referenced(pod: IncomingObject<V1Pod>): string | undefined {
  // As if it were no mirror, of which no references count.
  const kinds = new Set(podReferences({ ...pod, metadata: { ...pod.metadata, annotations: {} } } as V1Pod).map(([kind]) => kind));
  if (kinds.has('serviceaccounts')) return 'a service account';
  if (kinds.has('secrets')) return 'secrets';
  if (kinds.has('configmaps')) return 'configmaps';
  const volumes = pod.spec?.volumes ?? [];
  if (volumes.some(({ projected }) => projected?.sources?.some(({ clusterTrustBundle }) => clusterTrustBundle))) return 'clustertrustbundles';
  if (kinds.has('persistentvolumeclaims')) return 'persistentvolumeclaims';
  return (pod.spec?.resourceClaims ?? []).length > 0 ? 'resourceclaims' : undefined;
}
