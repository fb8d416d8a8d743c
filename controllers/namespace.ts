import type { KubeList } from '../api/meta.ts';
import type { V1Namespace, V1NamespaceCondition } from '../api/generated/types.ts';
import { deepEqual } from '../api/values/deepEqual.ts';
import { Namespaces } from '../client/resources.ts';
import { resourcePath } from '../client/resourcePath.ts';
import type { KubeClient } from '../client/types.ts';
import { formatTime } from '../process/clock.ts';
import { type Controller, seen } from './controller.ts';
import { discover, type DiscoveredResource } from './discovery.ts';
import { ignoreReasons } from './expectedErrors.ts';
import { messageOf } from './podControl.ts';
import { ownField, setField } from '../api/values/ownField.ts';

const FINALIZER = 'kubernetes';
/** How long to wait before looking again at a namespace whose objects are on their way out. */
const RETRY_MILLISECONDS = 1000;

/** Empties a namespace that is being deleted, then lets it go. Key: the namespace. */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  workers: 10,
  setup({ client, informers, clock }, queue) {
    const namespaces = informers.informer(Namespaces);
    const onNamespace = (namespace: V1Namespace): void => {
      if (namespace.metadata.deletionTimestamp !== undefined) queue.add(namespace.metadata.name);
    };
    namespaces.addHandler({ added: onNamespace, updated: (_, namespace) => onNamespace(namespace) });

    return async (name) => {
      const namespace = namespaces.get(name);
      if (namespace?.metadata.deletionTimestamp === undefined || !(namespace.spec?.finalizers ?? []).includes(FINALIZER)) return undefined;
      const found = await emptyNamespace(client, name);
      const conditions = deletionConditions(namespace.status?.conditions ?? [], found, clock.now());
      if (isEmpty(found)) {
        await ignoreReasons(['NotFound', 'Conflict'], () => finalize(client, namespace));
        return undefined;
      }
      if (namespace.status?.phase !== 'Terminating' || !deepEqual(conditions, namespace.status.conditions ?? [])) {
        const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateStatus(Namespaces, { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } }));
        if (written) await seen(namespaces, [written]);
      }
      return { requeueAfterMilliseconds: RETRY_MILLISECONDS };
    };
  },
};

/** What one round of emptying found. */
export interface Remains {
  /** Group versions that could not be asked. */
  readonly discoveryFailures: readonly string[];
  readonly deletionFailures: readonly string[];
  /** Objects that are still there, by `resource.group`. */
  readonly remaining: Readonly<Record<string, number>>;
  /** How many of them wait for each finalizer. */
  readonly finalizers: Readonly<Record<string, number>>;
}

const isEmpty = (found: Remains): boolean => found.discoveryFailures.length === 0 && found.deletionFailures.length === 0 && Object.keys(found.remaining).length === 0;

/** Pods first, and the rest when they are gone: what still runs keeps its network policies, secrets and the like (KEP-5080). */
async function emptyNamespace(client: KubeClient, namespace: string): Promise<Remains> {
  const { resources, failures } = await discover(client);
  const discoveryFailures = failures.map(({ groupVersion }) => groupVersion).toSorted();
  const deletable = resources.filter((resource) => resource.namespaced && resource.verbs.includes('list') && resource.verbs.includes('delete'));
  const isPods = ({ group, plural }: DiscoveredResource): boolean => group === '' && plural === 'pods';
  const pods = await emptyOf(client, namespace, deletable.filter(isPods));
  if (pods.deletionFailures.length > 0 || Object.keys(pods.remaining).length > 0) return { ...pods, discoveryFailures };
  return { ...(await emptyOf(client, namespace, deletable.filter((resource) => !isPods(resource)))), discoveryFailures };
}

async function emptyOf(client: KubeClient, namespace: string, resources: readonly DiscoveredResource[]): Promise<Omit<Remains, 'discoveryFailures'>> {
  const deletionFailures: string[] = [];
  const remaining: Record<string, number> = {};
  const finalizers: Record<string, number> = {};
  const outcomes = await Promise.allSettled(resources.map(async (resource) => ({ resource, left: await deleteAll(client, resource, namespace) })));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      deletionFailures.push(messageOf(outcome.reason));
      continue;
    }
    const { resource, left } = outcome.value;
    if (left.length === 0) continue;
    // With the point, also where there is no group, as Kubernetes has it.
    remaining[`${resource.plural}.${resource.group}`] = left.length;
    for (const finalizer of left.flatMap((object) => object.metadata.finalizers ?? [])) setField(finalizers, finalizer, (ownField(finalizers, finalizer) ?? 0) + 1);
  }
  return { deletionFailures, remaining, finalizers };
}

/** Deletes a collection and gives what is still there: pods take their grace period, others wait for finalizers. */
async function deleteAll(client: KubeClient, resource: DiscoveredResource, namespace: string): Promise<KubeList['items']> {
  const before = await client.list(resource, { namespace });
  if (before.items.length === 0) return [];
  if (before.items.some((object) => object.metadata.deletionTimestamp === undefined)) await deleteCollection(client, resource, namespace, before);
  return (await client.list(resource, { namespace })).items;
}

async function deleteCollection(client: KubeClient, resource: DiscoveredResource, namespace: string, present: KubeList): Promise<void> {
  if (!resource.verbs.includes('deletecollection')) {
    for (const { metadata } of present.items) await ignoreReasons(['NotFound'], () => client.delete(resource, metadata.name, namespace, { propagationPolicy: 'Background' }));
    return;
  }
  const answer = await client.raw({
    method: 'DELETE',
    path: resourcePath(resource, namespace),
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }),
  });
  if (answer.status !== 200) throw new Error(`cannot delete ${resource.plural} in ${namespace}: ${answer.body.toString()}`);
}

async function finalize(client: KubeClient, namespace: V1Namespace): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  const answer = await client.raw({
    method: 'PUT',
    path: `/api/v1/namespaces/${namespace.metadata.name}/finalize`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...namespace, spec: { ...namespace.spec, finalizers } }),
  });
  if (![200, 404, 409].includes(answer.status)) throw new Error(`cannot finalize the namespace ${namespace.metadata.name}: ${answer.body.toString()}`);
}

/** The conditions that `kubectl describe` shows of a namespace that does not go away, in Kubernetes' words. */
export function deletionConditions(standing: readonly V1NamespaceCondition[], found: Remains, now: number): V1NamespaceCondition[] {
  const counts = (all: Readonly<Record<string, number>>, verb: string): string =>
    Object.entries(all)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, count]) => `${name} ${verb} ${count} resource instances`)
      .join(', ');
  const hasRemains = Object.keys(found.remaining).length > 0;
  const hasFinalizers = Object.keys(found.finalizers).length > 0;
  const verdicts: readonly (readonly [type: string, bad: boolean, reason: string, badMessage: string, goodReason: string, goodMessage: string])[] = [
    ['NamespaceDeletionDiscoveryFailure', found.discoveryFailures.length > 0, 'DiscoveryFailed', `Discovery failed for some groups, ${found.discoveryFailures.length} failing: unable to retrieve the complete list of server APIs: ${found.discoveryFailures.map((each) => `${each}: stale GroupVersion discovery: ${each}`).join(', ')}`, 'ResourcesDiscovered', 'All resources successfully discovered'],
    ['NamespaceDeletionGroupVersionParsingFailure', false, 'GroupVersionParsingFailed', '', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ['NamespaceDeletionContentFailure', found.deletionFailures.length > 0, 'ContentDeletionFailed', `Failed to delete all resource types, ${found.deletionFailures.length} remaining: ${found.deletionFailures.join(', ')}`, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ['NamespaceContentRemaining', hasRemains, 'SomeResourcesRemain', `Some resources are remaining: ${counts(found.remaining, 'has')}`, 'ContentRemoved', 'All content successfully removed'],
    ['NamespaceFinalizersRemaining', hasFinalizers, 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${counts(found.finalizers, 'in')}`, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
  ];
  return verdicts.map(([type, bad, reason, badMessage, goodReason, goodMessage]) => {
    const previous = standing.find((condition) => condition.type === type);
    const status = bad ? 'True' : 'False';
    const lastTransitionTime = previous?.status === status ? (previous.lastTransitionTime ?? formatTime(now)) : formatTime(now);
    return { type, status, lastTransitionTime, reason: bad ? reason : goodReason, message: bad ? badMessage : goodMessage };
  });
}
