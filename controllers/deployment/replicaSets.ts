import type { Draft } from '../../api/meta.ts';
import type { V1Deployment, V1PodTemplateSpec, V1ReplicaSet } from '../../api/generated/types.ts';
import { deepEqual } from '../../api/values/deepEqual.ts';
import { scaledValue } from '../../api/values/intOrString.ts';
import { stableHash } from '../../api/values/stableHash.ts';
import { controllerReference } from '../ownership.ts';

export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/max-replicas';
export const POD_TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION_ANNOTATION,
  REVISION_HISTORY_ANNOTATION,
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
  'deprecated.deployment.rollback.to',
]);

export const wantedReplicas = (deployment: V1Deployment): number => deployment.spec?.replicas ?? 1;
export const replicasOf = (set: V1ReplicaSet): number => set.spec?.replicas ?? 1;
export const availableOf = (set: V1ReplicaSet): number => set.status?.availableReplicas ?? 0;
export const totalReplicas = (sets: readonly V1ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);
export const totalAvailable = (sets: readonly V1ReplicaSet[]): number => sets.reduce((sum, set) => sum + availableOf(set), 0);
export const isRolling = (deployment: V1Deployment): boolean => (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

/** How many pods may be there in excess, and how many may be missing, during a rolling update. */
export function rollingLimits(deployment: V1Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const wanted = wantedReplicas(deployment);
  if (!isRolling(deployment) || wanted === 0) return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const maxSurge = scaledValue(rolling?.maxSurge ?? '25%', wanted, true) ?? 0;
  const maxUnavailable = scaledValue(rolling?.maxUnavailable ?? '25%', wanted, false) ?? 0;
  // Both may round down to nothing, with which no update could ever proceed.
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, wanted) };
}

/** The ReplicaSet whose template is the Deployment's, the oldest where there are several; the others are old. */
export function splitReplicaSets(deployment: V1Deployment, sets: readonly V1ReplicaSet[]): { readonly current: V1ReplicaSet | undefined; readonly old: readonly V1ReplicaSet[] } {
  const byAge = [...sets].sort(olderFirst);
  const current = byAge.find((set) => sameTemplate(set.spec?.template, deployment.spec?.template));
  return { current, old: byAge.filter((set) => set !== current) };
}

export function olderFirst(left: V1ReplicaSet, right: V1ReplicaSet): number {
  return left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp) || left.metadata.name.localeCompare(right.metadata.name);
}

/** Equal but for the hash label that each ReplicaSet carries. */
export function sameTemplate(left: V1PodTemplateSpec | undefined, right: V1PodTemplateSpec | undefined): boolean {
  return deepEqual(withoutHash(left), withoutHash(right));
}

function withoutHash(template: V1PodTemplateSpec | undefined): V1PodTemplateSpec {
  const { [POD_TEMPLATE_HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** A 64-bit integer, which an adopted ReplicaSet may bring at any size; 0 where there is none that can be read. */
export function revisionOf(set: V1ReplicaSet): bigint {
  return parseRevision(set.metadata.annotations?.[REVISION_ANNOTATION]);
}

function parseRevision(text: string | undefined): bigint {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

/** The revision that the current template has, given the ReplicaSets of the earlier ones. */
export function nextRevision(old: readonly V1ReplicaSet[]): bigint {
  return old.map(revisionOf).reduce((most, revision) => (revision > most ? revision : most), 0n) + 1n;
}

/** The name is deterministic, so that a repeated creation finds its own work; `collisionCount` makes another one where a stranger has the name. */
export function newReplicaSet(deployment: V1Deployment, replicas: number, revision: bigint): Draft<V1ReplicaSet> {
  const template = deployment.spec?.template ?? {};
  const hash = stableHash(withoutHash(template), deployment.status?.collisionCount);
  const { name, namespace } = deployment.metadata;
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${name}-${hash}`, namespace, labels, annotations: wantedAnnotations(deployment, {}, revision), ownerReferences: [controllerReference(deployment)] },
    spec: {
      replicas,
      minReadySeconds: deployment.spec?.minReadySeconds ?? 0,
      selector: { ...deployment.spec?.selector, matchLabels: { ...deployment.spec?.selector.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** The annotations of the current ReplicaSet: inherited ones, the sizes, and its revision, with the history of those it had before. */
export function wantedAnnotations(deployment: V1Deployment, present: Readonly<Record<string, string>>, revision: bigint): Record<string, string> {
  const inherited = Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !OWN_ANNOTATIONS.has(name)));
  const had = parseRevision(present[REVISION_ANNOTATION]);
  const history = (present[REVISION_HISTORY_ANNOTATION] ?? '').split(',').filter((each) => each !== '');
  const revisions =
    had >= revision
      ? {}
      : { [REVISION_ANNOTATION]: String(revision), ...(had > 0n ? { [REVISION_HISTORY_ANNOTATION]: [...new Set([...history, String(had)])].join(',') } : {}) };
  return { ...present, ...inherited, ...revisions, ...sizeAnnotations(deployment) };
}

/** What a ReplicaSet remembers of the Deployment's size, from which a later scaling is told. */
export function sizeAnnotations(deployment: V1Deployment): Record<string, string> {
  const wanted = wantedReplicas(deployment);
  return { [DESIRED_REPLICAS_ANNOTATION]: String(wanted), [MAX_REPLICAS_ANNOTATION]: String(wanted + rollingLimits(deployment).maxSurge) };
}
