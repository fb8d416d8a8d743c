import type { V1ReplicaSet, V1ReplicationController, V1Service, V1StatefulSet } from '../api/generated/types.ts';
import { type LabelSelector, matchesLabels, selectorOf, selectorOfMap } from '../api/values/labelSelector.ts';
import type { Informer } from '../client/types.ts';
import type { PodInfo } from './cache/podInfo.ts';

export interface SiblingSources {
  readonly services: Informer<V1Service>;
  readonly replicationControllers: Informer<V1ReplicationController>;
  readonly replicaSets: Informer<V1ReplicaSet>;
  readonly statefulSets: Informer<V1StatefulSet>;
}

/**
 * Selects a pod's siblings: those that all its Services and its controller select (`helper.DefaultSelector`).
 * Undefined where neither says anything.
 */
export function siblingSelector(pod: PodInfo, sources: SiblingSources): LabelSelector | undefined {
  const requirements = sources.services
    .inNamespace(pod.namespace)
    .map(({ spec }) => selectorOfMap(spec?.selector))
    .filter((selector) => selector.requirements.length > 0 && matchesLabels(selector, pod.labels))
    .flatMap((selector) => selector.requirements);
  const all = [...requirements, ...(controllerSelector(pod, sources)?.requirements ?? [])];
  return all.length === 0 ? undefined : { requirements: all };
}

function controllerSelector({ pod, namespace }: PodInfo, sources: SiblingSources): LabelSelector | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return undefined;
  const key = `${namespace}/${owner.name}`;
  switch (`${owner.apiVersion}/${owner.kind}`) {
    case 'v1/ReplicationController':
      return selectorOfMap(sources.replicationControllers.get(key)?.spec?.selector);
    case 'apps/v1/ReplicaSet':
      return selectorOf(sources.replicaSets.get(key)?.spec?.selector);
    case 'apps/v1/StatefulSet':
      return selectorOf(sources.statefulSets.get(key)?.spec?.selector);
    default:
      return undefined;
  }
}
