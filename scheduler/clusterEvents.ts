import type { V1Namespace, V1Node, V1Pod } from '../api/generated/types.ts';
import { semanticEqual } from '../api/values/deepEqual.ts';
import type { Informer } from '../client/types.ts';
import type { ClusterCache } from './cache/clusterCache.ts';
import { type PodInfo, podInfo } from './cache/podInfo.ts';
import type { Profile } from './framework/profile.ts';
import type { EventKind } from './framework/types.ts';
import type { Nominator } from './queue/nominator.ts';
import type { SchedulingQueue } from './queue/schedulingQueue.ts';

export interface EventSinks {
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly nominator: Nominator;
  readonly profiles: ReadonlyMap<string, Profile>;
}

export interface EventSources {
  readonly pods: Informer<V1Pod>;
  readonly nodes: Informer<V1Node>;
  readonly namespaces: Informer<V1Namespace>;
}

/** Keeps cache and queue as the API server shows the cluster, and wakes pods that what happened may help. */
export function connect({ pods, nodes, namespaces }: EventSources, sinks: EventSinks): void {
  nodes.addHandler({
    added(node) {
      sinks.cache.setNode(node);
      nodeEvents(sinks, node, ['NodeAdded']);
    },
    updated(previous, node) {
      const kinds = nodeChanges(previous, node);
      sinks.cache.setNode(node);
      nodeEvents(sinks, node, kinds);
    },
    deleted: (node) => sinks.cache.removeNode(node.metadata.name),
  });
  pods.addHandler({
    added: (pod) => podArrived(sinks, pod, undefined),
    updated: (previous, pod) => podArrived(sinks, pod, previous),
    deleted: (pod) => podLeft(sinks, pod),
  });
  namespaces.addHandler({
    added: () => namespaceChanged(sinks),
    updated(previous, current) {
      if (!semanticEqual(previous.metadata.labels, current.metadata.labels)) namespaceChanged(sinks);
    },
  });
}

function namespaceChanged({ cache, queue }: EventSinks): void {
  cache.namespaceChanged();
  queue.moveFor({ kind: 'NamespaceChanged' });
}

type NodeEventKind = Extract<EventKind, `Node${string}`>;

/** What of a node's change can matter to a pod; heartbeats do not. */
export function nodeChanges(previous: V1Node, current: V1Node): readonly NodeEventKind[] {
  const kinds: NodeEventKind[] = [];
  if (!semanticEqual(previous.metadata.labels, current.metadata.labels)) kinds.push('NodeLabelsChanged');
  const spec = ({ spec }: V1Node): unknown => [spec?.taints ?? [], spec?.unschedulable ?? false];
  if (!semanticEqual(spec(previous), spec(current))) kinds.push('NodeTaintsChanged');
  if (!semanticEqual(previous.status?.allocatable, current.status?.allocatable)) kinds.push('NodeAllocatableChanged');
  if (!semanticEqual(previous.status?.declaredFeatures, current.status?.declaredFeatures)) kinds.push('NodeFeaturesChanged');
  return kinds;
}

function nodeEvents({ cache, queue }: EventSinks, { metadata }: V1Node, kinds: readonly NodeEventKind[]): void {
  const node = cache.node(metadata.name);
  if (!node) return;
  for (const kind of kinds) queue.moveFor({ kind, node });
}

function podArrived(sinks: EventSinks, pod: V1Pod, previous: V1Pod | undefined): void {
  const node = pod.spec?.nodeName;
  if (node) podAssigned(sinks, pod, node, previous);
  else podPending(sinks, pod, previous);
}

function podPending({ cache, queue, nominator, profiles }: EventSinks, pod: V1Pod, previous: V1Pod | undefined): void {
  const { uid, deletionTimestamp } = pod.metadata;
  const profile = profiles.get(pod.spec?.schedulerName ?? 'default-scheduler');
  // A pod that was just bound by us shows up once more without its node: the assumed one is newer.
  if (!profile || cache.isAssumed(uid)) return;
  if (deletionTimestamp !== undefined) {
    queue.delete(uid);
    nominator.delete(uid);
    return;
  }
  const info = podInfo(pod);
  const nominated = pod.status?.nominatedNodeName;
  if (nominated) nominator.set(info, nominated);
  // Only one that was shown is withdrawn by not being shown: our own may not be written yet.
  else if (previous?.status?.nominatedNodeName) nominator.delete(uid);
  queue.update(info, profile, previous !== undefined && schedulingChanged(previous, pod));
}

/** Whether anything but the status and bookkeeping has changed. */
function schedulingChanged(previous: V1Pod, current: V1Pod): boolean {
  return !semanticEqual(previous.spec, current.spec) || !semanticEqual(previous.metadata.labels, current.metadata.labels) || !semanticEqual(previous.metadata.annotations, current.metadata.annotations);
}

function podAssigned({ cache, queue, nominator }: EventSinks, pod: V1Pod, node: string, previous: V1Pod | undefined): void {
  const { uid } = pod.metadata;
  const known = previous?.spec?.nodeName === node ? cache.podOn(uid, node) : undefined;
  if (known && isCountedAlike(previous!, pod)) {
    cache.refreshPod({ ...known, pod }, node);
    return;
  }
  queue.delete(uid);
  nominator.delete(uid);
  const info = podInfo(pod);
  cache.setPod(info, node);
  const at = cache.node(node);
  if (!known) queue.moveFor({ kind: 'PodAssigned', pod: info, node: at });
  else {
    if (!semanticEqual(known.labels, info.labels)) queue.moveFor({ kind: 'PodLabelsChanged', pod: info, node: at });
    if (isScaledDown(known, info)) queue.moveFor({ kind: 'PodScaledDown', pod: info, node: at });
  }
}

/** Most updates of a running pod are of its status. */
function isCountedAlike(previous: V1Pod, current: V1Pod): boolean {
  return previous.metadata.deletionTimestamp === current.metadata.deletionTimestamp && semanticEqual(previous.metadata.labels, current.metadata.labels) && semanticEqual(previous.spec, current.spec);
}

function isScaledDown(previous: PodInfo, current: PodInfo): boolean {
  return current.requests.milliCPU < previous.requests.milliCPU || current.requests.memory < previous.requests.memory;
}

function podLeft({ cache, queue, nominator }: EventSinks, pod: V1Pod): void {
  const { uid } = pod.metadata;
  queue.delete(uid);
  nominator.delete(uid);
  const node = pod.spec?.nodeName;
  cache.removePod(uid);
  if (node) queue.moveFor({ kind: 'PodDeleted', pod: podInfo(pod), node: cache.node(node) });
}
