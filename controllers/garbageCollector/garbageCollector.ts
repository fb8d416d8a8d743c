import type { KubeObject } from '../../api/meta.ts';
import type { V1OwnerReference } from '../../api/generated/types.ts';
import { CustomResourceDefinitions } from '../../client/resources.ts';
import type { KubeClient, Resource } from '../../client/types.ts';
import type { Controller } from '../controller.ts';
import { discover, type DiscoveredResource } from '../discovery.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { type CollectorAction, decide, type OwnerState } from './decide.ts';
import { nodeOf, type ObjectNode, ORPHAN_FINALIZER, OwnerGraph, orphansDependents, waitsForDependents } from './graph.ts';

/** How often new kinds are looked for (Kubernetes' resync of its monitors), in milliseconds. */
const DISCOVERY_PERIOD_MILLISECONDS = 30_000;
const DISCOVERY_KEY = 'discovery';

/** Events have no owners, and come in masses. */
const IGNORED: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

/**
 * Deletes what has lost all of its owners. It watches the metadata of every kind and keeps the graph of who owns whom; a key is an
 * object's uid, or `discovery` for a look at which kinds there are.
 */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  workers: 20,
  setup({ client, informers, logger, signal }, queue) {
    const graph = new OwnerGraph();
    const monitored = new Map<string, DiscoveredResource>();
    queue.add(DISCOVERY_KEY);
    // A new kind is not left unwatched until the next look.
    const lookAgain = (): void => queue.add(DISCOVERY_KEY);
    informers.informer({ ...CustomResourceDefinitions, metadataOnly: true }).addHandler({ added: lookAgain, updated: lookAgain });

    return async (key) => {
      if (key === DISCOVERY_KEY) {
        await monitorNewKinds();
        return { requeueAfterMilliseconds: DISCOVERY_PERIOD_MILLISECONDS };
      }
      const node = graph.get(key);
      if (node === undefined) return undefined;
      const dependents = graph.dependentsOf(key);
      const states = new Map<string, OwnerState>();
      if (!orphansDependents(node) && !waitsForDependents(node) && !node.deleting) {
        for (const owner of node.owners) states.set(owner.uid, await stateOf(node, owner));
      }
      return carryOut(node, decide(node, dependents, (owner) => states.get(owner.uid) ?? 'solid'));
    };

    async function monitorNewKinds(): Promise<void> {
      const { resources, failures } = await discover(client);
      if (failures.length > 0) logger.warn('some groups cannot be discovered; what they own is left alone', { failures });
      for (const resource of resources) {
        const id = `${resource.plural}.${resource.group}`;
        if (monitored.has(id) || IGNORED.has(resource.group === '' ? resource.plural : id) || !['list', 'watch', 'delete'].every((verb) => resource.verbs.includes(verb))) continue;
        monitored.set(id, resource);
        const plain: Resource = { group: resource.group, version: resource.version, plural: resource.plural, kind: resource.kind, namespaced: resource.namespaced, metadataOnly: true };
        informers.informer(plain).addHandler({
          added: (object) => observe(plain, object),
          updated: (_, object) => observe(plain, object),
          deleted: (object) => forget(object),
        });
      }
      informers.start(signal);
    }

    function observe(resource: Resource, object: KubeObject): void {
      const node = nodeOf(resource, object);
      const previous = graph.set(node);
      // An owner that let go of its dependent's deletion, or a dependent that changed owners: whoever waits must look again.
      for (const owner of previous?.owners ?? []) visitIfWaiting(owner.uid);
      if (orphansDependents(node) || waitsForDependents(node) || hasLostOwner(node)) queue.add(node.uid);
    }

    /** Cheap test on what is in memory; the reconcile asks the API server before it believes that an owner is gone. */
    function hasLostOwner(node: ObjectNode): boolean {
      return !node.deleting && node.owners.some((owner) => {
        const known = graph.get(owner.uid);
        return known === undefined || waitsForDependents(known);
      });
    }

    function forget(object: KubeObject): void {
      const { uid } = object.metadata;
      const owners = graph.get(uid)?.owners ?? [];
      graph.delete(uid);
      for (const dependent of graph.dependentsOf(uid)) queue.add(dependent.uid);
      for (const owner of owners) visitIfWaiting(owner.uid);
    }

    function visitIfWaiting(uid: string): void {
      const owner = graph.get(uid);
      if (owner !== undefined && waitsForDependents(owner)) queue.add(uid);
    }

    async function stateOf(node: ObjectNode, owner: V1OwnerReference): Promise<OwnerState> {
      const known = graph.get(owner.uid);
      if (known !== undefined && (known.namespace === '' || known.namespace === node.namespace)) return waitsForDependents(known) ? 'waiting' : 'solid';
      const resource = resourceOf(owner);
      // A kind that is not served now may come back (an API server that is down): nothing is deleted on a guess.
      if (resource === undefined) throw new Error(`${node.resource.plural} ${node.namespace}/${node.name} is owned by a ${owner.apiVersion} ${owner.kind}, which is not served`);
      const live = await ignoreReasons(['NotFound'], () => client.get(resource, owner.name, resource.namespaced ? node.namespace : undefined));
      if (live === undefined || live.metadata.uid !== owner.uid) return 'absent';
      return waitsForDependents(nodeOf(resource, live)) ? 'waiting' : 'solid';
    }

    function resourceOf(owner: V1OwnerReference): DiscoveredResource | undefined {
      const group = owner.apiVersion.includes('/') ? owner.apiVersion.slice(0, owner.apiVersion.indexOf('/')) : '';
      return [...monitored.values()].find((resource) => resource.group === group && resource.kind === owner.kind);
    }

    async function carryOut(node: ObjectNode, action: CollectorAction): Promise<void> {
      switch (action.kind) {
        case 'none':
          return;
        case 'delete':
          // The resourceVersion guards against an owner that was added meanwhile.
          await ignoreReasons(['NotFound', 'Conflict'], () =>
            client.delete(node.resource, node.name, namespaceOf(node), { propagationPolicy: action.propagationPolicy, preconditions: { uid: node.uid, resourceVersion: node.resourceVersion } }),
          );
          return;
        case 'forgetOwners':
          await forgetOwners(client, node, action.uids);
          return;
        case 'unblockOwners':
          // The event of the change brings it here again.
          await patchMetadata(client, node, { ownerReferences: node.owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })) });
          return;
        case 'removeFinalizer':
          await removeFinalizer(client, node, action.finalizer);
          return;
        case 'orphan':
          await Promise.all(action.dependents.map((dependent) => orphan(client, dependent, node.uid)));
          await removeFinalizer(client, node, ORPHAN_FINALIZER);
          return;
        case 'visit':
          for (const dependent of action.dependents) queue.add(dependent.uid);
          return;
      }
    }
  },
};

const namespaceOf = (node: ObjectNode): string | undefined => (node.namespace === '' ? undefined : node.namespace);

async function forgetOwners(client: KubeClient, node: ObjectNode, uids: readonly string[]): Promise<void> {
  await patchMetadata(client, node, withoutOwners(node, uids));
}

const withoutOwners = ({ owners }: ObjectNode, uids: readonly string[]): object => {
  const left = owners.filter((owner) => !uids.includes(owner.uid));
  return { ownerReferences: left.length === 0 ? null : left };
};

/** Takes the owner from a dependent whatever is written to it meanwhile: one that kept it would be deleted when the owner is gone. */
export async function orphan(client: Pick<KubeClient, 'get' | 'patch'>, dependent: ObjectNode, owner: string): Promise<void> {
  const { resource, name, uid } = dependent;
  for (let node = dependent; ; ) {
    const from = node;
    const answer = await ignoreReasons(['NotFound', 'Conflict'], () => patchNode(client, from, withoutOwners(from, [owner])));
    if (answer !== undefined) return;
    const live = await ignoreReasons(['NotFound'], () => client.get(resource, name, namespaceOf(dependent)));
    if (live === undefined || live.metadata.uid !== uid) return;
    node = nodeOf(resource, live);
    if (!node.owners.some((each) => each.uid === owner)) return;
  }
}

async function removeFinalizer(client: KubeClient, node: ObjectNode, finalizer: string): Promise<void> {
  await patchMetadata(client, node, { finalizers: node.finalizers.filter((each) => each !== finalizer) });
}

/** The resourceVersion makes a patch that rests on an old list of owners or finalizers fail; the next event brings the newer one. */
async function patchMetadata(client: KubeClient, node: ObjectNode, change: object): Promise<void> {
  await ignoreReasons(['NotFound', 'Conflict'], () => patchNode(client, node, change));
}

const patchNode = (client: Pick<KubeClient, 'patch'>, node: ObjectNode, change: object): Promise<KubeObject> =>
  client.patch(node.resource, node.name, namespaceOf(node), 'application/merge-patch+json', { metadata: { uid: node.uid, resourceVersion: node.resourceVersion, ...change } });
