import type { V1PersistentVolume, V1Pod, V1ResourceSlice, V1VolumeAttachment } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { resourcePrefix, type CacheEvent, type StorageResource, type WatchCache } from '../../storage/types.ts';
import { podReferences, type ReferencedKind } from '../../../api/kinds/core/pod/podReferences.ts';
import { volumeSecrets } from './volumeSecrets.ts';

/** What a node may be related to. */
export type GraphKind = ReferencedKind | 'pods' | 'persistentvolumes' | 'volumeattachments' | 'resourceslices';

interface KnownPod {
  readonly pod: V1Pod;
  readonly node: string;
  readonly references: readonly string[];
}

interface KnownVolume {
  /** `kind/namespace/name` of its claim. */
  readonly claim: string;
  readonly secrets: readonly string[];
}

const FOLLOWED: readonly StorageResource[] = [
  { group: '', resource: 'pods' },
  { group: '', resource: 'persistentvolumes' },
  { group: 'storage.k8s.io', resource: 'volumeattachments' },
  { group: 'resource.k8s.io', resource: 'resourceslices' },
];

const vertex = (kind: GraphKind, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

/**
 * Which objects belong to what runs on which node: pods, what they refer to, the volumes of their claims and those volumes' secrets.
 * 1. An event costs as much as the references of its own object; a change that moves no reference costs nothing.
 * 2. A question costs the same whatever the size of the cluster: each object knows its nodes, and by how many pods.
 */
export class NodeGraph {
  readonly #pods = new Map<string, KnownPod>();
  readonly #volumes = new Map<string, KnownVolume>();
  /** Of each secret, the volumes that need it. */
  readonly #volumesOfSecret = new Map<string, Set<string>>();
  /** Of what pods refer to: how many pods of each node do. */
  readonly #nodesOf = new Map<string, Map<string, number>>();
  /** Of objects that name their node themselves. */
  readonly #ownNode = new Map<string, string>();

  /** Follows a watch cache until the signal is aborted. */
  static following(cache: WatchCache, signal: AbortSignal): NodeGraph {
    const graph = new NodeGraph();
    for (const resource of FOLLOWED) {
      const stop = cache.subscribe(resource, (event) => graph.apply(resource.resource, event));
      signal.addEventListener('abort', stop, { once: true });
      for (const { object } of cache.list(resourcePrefix(resource))) graph.put(resource.resource, object);
    }
    return graph;
  }

  apply(resource: string, event: CacheEvent): void {
    if (event.type === 'put') this.put(resource, event.current.object);
    else this.remove(resource, event.last.object);
  }

  put(resource: string, object: KubeObject): void {
    const { name } = object.metadata;
    if (resource === 'pods') this.#putPod(object as V1Pod);
    else if (resource === 'persistentvolumes') this.#putVolume(object);
    else if (resource === 'volumeattachments') this.#ownNode.set(vertex(resource, '', name), (object as V1VolumeAttachment).spec.nodeName);
    else this.#ownNode.set(vertex('resourceslices', '', name), (object as V1ResourceSlice).spec.nodeName ?? '');
  }

  remove(resource: string, object: KubeObject): void {
    const { name, namespace = '' } = object.metadata;
    if (resource === 'pods') this.#removePod(`${namespace}/${name}`);
    else if (resource === 'persistentvolumes') this.#removeVolume(name);
    else this.#ownNode.delete(`${resource}//${name}`);
  }

  /** Whether an object is there for something that runs on the node. */
  isRelated(node: string, kind: GraphKind, namespace: string, name: string): boolean {
    switch (kind) {
      case 'pods':
        return this.#pods.get(`${namespace}/${name}`)?.node === node;
      case 'persistentvolumes':
        return this.#reachesByVolume(node, name);
      case 'volumeattachments':
      case 'resourceslices':
        return this.#ownNode.get(vertex(kind, '', name)) === node;
      case 'secrets':
        return this.#reaches(node, vertex(kind, namespace, name)) || [...(this.#volumesOfSecret.get(`${namespace}/${name}`) ?? [])].some((volume) => this.#reachesByVolume(node, volume));
      default:
        return this.#reaches(node, vertex(kind, namespace, name));
    }
  }

  #reaches(node: string, of: string): boolean {
    return this.#nodesOf.get(of)?.has(node) ?? false;
  }

  #reachesByVolume(node: string, volume: string): boolean {
    const known = this.#volumes.get(volume);
    return known !== undefined && this.#reaches(node, known.claim);
  }

  #putPod(pod: V1Pod): void {
    const { name, namespace } = pod.metadata;
    const key = `${namespace}/${name}`;
    const known = this.#pods.get(key);
    const node = pod.spec?.nodeName ?? '';
    if (known && isUnmoved(known.pod, pod)) return;
    this.#removePod(key);
    if (node === '') return;
    const references = [...new Set(podReferences(pod).map(([kind, each]) => vertex(kind, namespace, each)))];
    this.#pods.set(key, { pod, node, references });
    for (const each of references) {
      let nodes = this.#nodesOf.get(each);
      if (!nodes) this.#nodesOf.set(each, (nodes = new Map()));
      nodes.set(node, (nodes.get(node) ?? 0) + 1);
    }
  }

  #removePod(key: string): void {
    const known = this.#pods.get(key);
    if (!known) return;
    this.#pods.delete(key);
    for (const each of known.references) {
      const nodes = this.#nodesOf.get(each);
      const left = (nodes?.get(known.node) ?? 0) - 1;
      if (left > 0) nodes?.set(known.node, left);
      else nodes?.delete(known.node);
      if (nodes?.size === 0) this.#nodesOf.delete(each);
    }
  }

  #putVolume(volume: V1PersistentVolume): void {
    const { name } = volume.metadata;
    this.#removeVolume(name);
    const claim = volume.spec?.claimRef;
    if (!claim) return;
    const secrets = volumeSecrets(volume);
    this.#volumes.set(name, { claim: vertex('persistentvolumeclaims', claim.namespace ?? '', claim.name ?? ''), secrets });
    for (const secret of secrets) {
      let volumes = this.#volumesOfSecret.get(secret);
      if (!volumes) this.#volumesOfSecret.set(secret, (volumes = new Set()));
      volumes.add(name);
    }
  }

  #removeVolume(name: string): void {
    for (const secret of this.#volumes.get(name)?.secrets ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#volumes.delete(name);
  }
}

/** Most changes of a pod are of its status: all that can move a reference of a pod that has a node are new ephemeral containers and its claims' statuses. */
function isUnmoved(before: V1Pod, now: V1Pod): boolean {
  const claims = ({ status }: V1Pod): string => JSON.stringify([status?.resourceClaimStatuses, status?.extendedResourceClaimStatus?.resourceClaimName]);
  return (
    before.metadata.uid === now.metadata.uid &&
    before.spec?.nodeName === now.spec?.nodeName &&
    (before.spec?.ephemeralContainers?.length ?? 0) === (now.spec?.ephemeralContainers?.length ?? 0) &&
    claims(before) === claims(now)
  );
}
