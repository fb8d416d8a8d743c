import type { V1Node, V1Pod, V1PodSpec, V1Taint } from '../api/generated/types.ts';
import { ClusterCache } from './cache/clusterCache.ts';
import { type PodInfo, podInfo } from './cache/podInfo.ts';
import type { Plugin, Rejection } from './framework/types.ts';

/** Objects for the scheduler's unit tests. */
export interface PodOptions extends Partial<Omit<V1PodSpec, 'containers'>> {
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly hostPort?: number;
  readonly image?: string;
  readonly namespace?: string;
  readonly status?: V1Pod['status'];
}

let uids = 0;

export function makePod(name: string, { labels = {}, requests = {}, hostPort, image = 'app:1', namespace = 'default', status, ...spec }: PodOptions = {}): V1Pod {
  uids += 1;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${uids}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels },
    spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image, resources: { requests }, ...(hostPort ? { ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] } : {}) }], ...spec },
    ...(status ? { status } : {}),
  };
}

export const makeInfo = (name: string, options?: PodOptions): PodInfo => podInfo(makePod(name, options));

export interface NodeOptions {
  readonly labels?: Record<string, string>;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly more?: Record<string, string>;
  readonly taints?: V1Taint[];
  readonly unschedulable?: boolean;
  readonly images?: Record<string, number>;
}

export function makeNode(name: string, { labels = {}, cpu = '4', memory = '8Gi', pods = '110', more = {}, taints, unschedulable, images = {} }: NodeOptions = {}): V1Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: { allocatable: { cpu, memory, pods, ...more }, images: Object.entries(images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })) },
  };
}

/** A cluster of these nodes, with pods by node. */
export function makeCluster(nodes: readonly V1Node[], pods: Readonly<Record<string, readonly PodInfo[]>> = {}, namespaces: Readonly<Record<string, Record<string, string>>> = {}): ClusterCache {
  const cache = new ClusterCache((namespace) => namespaces[namespace]);
  for (const node of nodes) cache.setNode(node);
  for (const [node, infos] of Object.entries(pods)) for (const info of infos) cache.setPod(info, node);
  return cache;
}

/** What a plugin says of each node: 'fits', or the reason. */
export function filterAll(plugin: Plugin, pod: PodInfo, cache: ClusterCache): Readonly<Record<string, string>> {
  const result = plugin.preFilter?.(pod, cache);
  const say = (rejection: Rejection | undefined): string => (rejection ? `${rejection.reasons.join(', ')}${rejection.unresolvable ? ' !' : ''}` : 'fits');
  return Object.fromEntries(
    cache.nodes.map((node) => {
      if (!result || 'skip' in result) return [node.name, 'fits'];
      return [node.name, say('rejection' in result ? result.rejection : result.filter(node))];
    }),
  );
}

/** Normalized scores by node; undefined where the plugin has nothing to say. */
export function scoreAll(plugin: Plugin, pod: PodInfo, cache: ClusterCache): Readonly<Record<string, number>> | undefined {
  const scorer = plugin.preScore?.(pod, cache, cache.nodes);
  if (!scorer) return undefined;
  const scores = cache.nodes.map(scorer.score);
  scorer.normalize?.(scores, cache.nodes);
  return Object.fromEntries(cache.nodes.map((node, at) => [node.name, scores[at]!]));
}
