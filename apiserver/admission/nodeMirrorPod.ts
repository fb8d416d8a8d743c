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

/** Volumes that the API has a part in, by what that is; of projected ones it depends on their sources. */
const BY_VOLUME: Readonly<Record<string, string>> = {
  configMap: 'configmaps (via configmap volumes)',
  secret: 'secrets (via secret volumes)',
  csi: 'csidrivers (via CSI volumes)',
  glusterfs: 'endpoints (via glusterFS volumes)',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
  azureFile: 'secrets (via azureFile volumes)',
};
const BY_SOURCE: Readonly<Record<string, string>> = {
  configMap: 'configmaps (via projected volumes)',
  secret: 'secrets (via projected volumes)',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
};

/** The first thing of the API that a pod names (`podutil.HasAPIObjectReference`). */
function referenced(pod: IncomingObject<V1Pod>): string | undefined {
  // As if it were no mirror, of which no references count.
  const kinds = new Set(podReferences({ ...pod, metadata: { ...pod.metadata, annotations: {} } } as V1Pod).map(([kind]) => kind));
  const named = (['serviceaccounts', 'secrets', 'configmaps'] as const).find((kind) => kinds.has(kind));
  if (named) return named;
  if (pod.spec?.resourceClaims?.length) return 'resourceclaims';
  for (const volume of pod.spec?.volumes ?? []) {
    const found = firstOf(BY_VOLUME, volume) ?? (volume.projected?.sources ?? []).map((source) => firstOf(BY_SOURCE, source)).find((each) => each !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf(words: Readonly<Record<string, string>>, source: object): string | undefined {
  const set: Readonly<Record<string, unknown>> = { ...source };
  const kind = Object.keys(words).find((each) => set[each] !== undefined);
  return kind === undefined ? undefined : words[kind];
}
