import type { KubeObject, NamespacedMeta } from '../api/meta.ts';
import type { V1ControllerRevision, V1LabelSelector, V1PodTemplateSpec } from '../api/generated/types.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { matchesLabels, selectorOf } from '../api/values/labelSelector.ts';
import { stableHash } from '../api/values/stableHash.ts';
import { ControllerRevisions } from '../client/resources.ts';
import type { Informer, KubeClient } from '../client/types.ts';
import { claimObjects } from './claimObjects.ts';
import { seen } from './controller.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { controllerReference } from './ownership.ts';

/** On the pods of a StatefulSet the name of the ControllerRevision they were made from; on those of a DaemonSet, and on its revisions, the hash. */
export const REVISION_HASH_LABEL = 'controller-revision-hash';
/** On the revisions of a StatefulSet, the hash. */
export const STATEFUL_HASH_LABEL = 'controller.kubernetes.io/hash';

/** An owner whose template's history is kept as ControllerRevisions (StatefulSet, DaemonSet). */
export interface RevisionedOwner extends KubeObject {
  metadata: NamespacedMeta;
  spec?: { template: V1PodTemplateSpec; selector: V1LabelSelector; revisionHistoryLimit?: number };
  status?: { collisionCount?: number };
}

export interface History {
  /** Oldest first. */
  readonly revisions: readonly V1ControllerRevision[];
  /** The one that holds the owner's present template. */
  readonly update: V1ControllerRevision;
}

/** What a revision holds: a strategic merge patch that puts the template back (the form that `kubectl rollout undo` applies). */
export function revisionData(owner: RevisionedOwner): { spec: { template: object } } {
  return { spec: { template: { ...owner.spec?.template, $patch: 'replace' } } };
}

/** The template that a revision holds. */
export function templateOf(revision: V1ControllerRevision): V1PodTemplateSpec {
  const data = revision.data as { spec: { template: V1PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = data.spec.template;
  return template;
}

const byRevision = (left: V1ControllerRevision, right: V1ControllerRevision): number => left.revision - right.revision || (left.metadata.name < right.metadata.name ? -1 : 1);

/** The informer must have the `CONTROLLER_UID_INDEX`. Finds, or makes, the revision of the present template; a template that was there before gets the newest number again. `hashLabel` is what the kind's revisions bear. */
export async function syncHistory(client: KubeClient, informer: Informer<V1ControllerRevision>, owner: RevisionedOwner, hashLabel: string): Promise<History> {
  const selector = selectorOf(owner.spec?.selector);
  const owned = await claimObjects(client, informer, owner, (revision) => matchesLabels(selector, revision.metadata.labels));
  const revisions = [...owned].sort(byRevision);
  const data = revisionData(owner);
  const newest = revisions.at(-1)?.revision ?? 0;
  const equal = revisions.findLast((revision) => deepEqual(revision.data, data));
  if (equal && equal.revision === newest) return { revisions, update: equal };
  const update = equal ? await client.update(ControllerRevisions, { ...equal, revision: newest + 1 }) : await createRevision(client, owner, data, newest + 1, hashLabel);
  await seen(informer, [update]);
  return { revisions: [...revisions.filter((revision) => revision !== equal), update], update };
}

/** The name follows from the template, so that a repeated creation finds its own work; a stranger's object of that name gives the next one. */
async function createRevision(client: KubeClient, owner: RevisionedOwner, data: object, revision: number, hashLabel: string): Promise<V1ControllerRevision> {
  const { name, namespace } = owner.metadata;
  for (let collisions = owner.status?.collisionCount ?? 0; ; collisions += 1) {
    const hash = stableHash(data, collisions);
    const draft = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: `${name}-${hash}`, namespace, labels: { ...owner.spec?.template.metadata?.labels, [hashLabel]: hash }, ownerReferences: [controllerReference(owner)] },
      data,
      revision,
    };
    const created = await ignoreReasons(['AlreadyExists'], () => client.create(ControllerRevisions, draft, namespace));
    if (created) return created;
    const standing = await ignoreReasons(['NotFound'], () => client.get(ControllerRevisions, draft.metadata.name, namespace));
    if (standing && deepEqual(standing.data, data)) return standing;
  }
}

/** Deletes what the history limit does not keep and no pod uses, oldest first. `used`: names of revisions. */
export async function truncateHistory(client: KubeClient, owner: RevisionedOwner, history: History, used: ReadonlySet<string>): Promise<void> {
  const limit = owner.spec?.revisionHistoryLimit ?? 10;
  const unused = history.revisions.filter((revision) => revision.metadata.name !== history.update.metadata.name && !used.has(revision.metadata.name));
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit))) {
    await ignoreReasons(['NotFound', 'Conflict'], () => client.delete(ControllerRevisions, metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } }));
  }
}
