import type { V1Pod, V1Service } from '../api/generated/types.ts';
import { matchesLabels, selectorOfMap } from '../api/values/labelSelector.ts';
import { objectKey } from '../client/objectKey.ts';
import type { EventHandler, Informer, WorkQueue } from '../client/types.ts';

/** Adds the keys of the Services that select a pod, whenever something changes in it that its endpoints show. */
export function memberHandler(queue: WorkQueue, services: Informer<V1Service>): EventHandler<V1Pod> {
  const enqueue = (pod: V1Pod): void => {
    for (const service of services.inNamespace(pod.metadata.namespace)) {
      if (service.spec?.selector && matchesLabels(selectorOfMap(service.spec.selector), pod.metadata.labels)) queue.add(objectKey(service));
    }
  };
  return {
    added: enqueue,
    updated: (previous, pod) => {
      if (!concernsEndpoints(previous, pod)) return;
      enqueue(previous);
      enqueue(pod);
    },
    deleted: enqueue,
  };
}

/** The pods behind a Service; undefined for one whose endpoints are somebody else's: no selector, another name, or on its way out. */
export function membersOf(service: V1Service, pods: Informer<V1Pod>): readonly V1Pod[] | undefined {
  const { spec, metadata } = service;
  if (!spec?.selector || Object.keys(spec.selector).length === 0 || spec.type === 'ExternalName' || metadata.deletionTimestamp !== undefined) return undefined;
  const selector = selectorOfMap(spec.selector);
  return pods.inNamespace(metadata.namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels));
}

/** Most updates of a pod (a restart count, an annotation) leave its endpoints as they are. */
export function concernsEndpoints(previous: V1Pod, pod: V1Pod): boolean {
  const facts = (each: V1Pod): string =>
    JSON.stringify([
      each.status?.podIP,
      each.status?.phase === 'Failed' || each.status?.phase === 'Succeeded',
      each.status?.conditions?.find((condition) => condition.type === 'Ready')?.status,
      each.metadata.deletionTimestamp === undefined,
      each.metadata.labels,
      each.spec?.nodeName,
      each.spec?.hostname,
      each.spec?.subdomain,
    ]);
  return facts(previous) !== facts(pod);
}
