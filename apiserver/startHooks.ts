import type { HealthCheck } from './health.ts';

/**
 * What has to be done before a part of the server works: `memory` is what it reads before it serves at all, `defaults` the objects that every cluster has,
 * `registrations` the APIServices of what it serves itself, `flows` the objects of priority and fairness.
 */
export type StartStage = 'memory' | 'defaults' | 'registrations' | 'flows';

/** Kubernetes' names of what runs after the start, in its order, each with the stage here that it stands for. */
const HOOKS: readonly (readonly [name: string, stage: StartStage])[] = [
  ['poststarthook/start-apiserver-admission-initializer', 'memory'],
  ['poststarthook/generic-apiserver-start-informers', 'memory'],
  ['poststarthook/priority-and-fairness-config-consumer', 'flows'],
  ['poststarthook/priority-and-fairness-filter', 'flows'],
  ['poststarthook/storage-object-count-tracker-hook', 'memory'],
  ['poststarthook/start-apiextensions-informers', 'memory'],
  ['poststarthook/start-apiextensions-controllers', 'memory'],
  ['poststarthook/crd-informer-synced', 'memory'],
  ['poststarthook/start-system-namespaces-controller', 'defaults'],
  ['poststarthook/start-cluster-authentication-info-controller', 'defaults'],
  ['poststarthook/start-kube-apiserver-identity-lease-controller', 'defaults'],
  ['poststarthook/start-kube-apiserver-identity-lease-garbage-collector', 'defaults'],
  ['poststarthook/start-legacy-token-tracking-controller', 'defaults'],
  ['poststarthook/start-service-ip-repair-controllers', 'memory'],
  ['poststarthook/rbac/bootstrap-roles', 'defaults'],
  ['poststarthook/scheduling/bootstrap-system-priority-classes', 'defaults'],
  ['poststarthook/priority-and-fairness-config-producer', 'flows'],
  ['poststarthook/bootstrap-controller', 'defaults'],
  ['poststarthook/start-kubernetes-service-cidr-controller', 'defaults'],
  ['poststarthook/aggregator-reload-proxy-client-cert', 'memory'],
  ['poststarthook/start-kube-aggregator-informers', 'memory'],
  ['poststarthook/apiservice-status-local-available-controller', 'registrations'],
  ['poststarthook/apiservice-status-remote-available-controller', 'registrations'],
  ['poststarthook/apiservice-registration-controller', 'registrations'],
  ['poststarthook/apiservice-discovery-controller', 'registrations'],
  ['poststarthook/kube-apiserver-autoregistration', 'registrations'],
  ['autoregister-completion', 'registrations'],
  ['poststarthook/apiservice-openapi-controller', 'memory'],
  ['poststarthook/apiservice-openapiv3-controller', 'memory'],
];

/**
 * The checks that `/livez?verbose` and its like list one by one, for whoever waits for one of them by its name. `troubles` says of each stage why it is not done yet;
 * the hooks of a stage that it does not have are left out.
 */
export function startHooks(troubles: Partial<Readonly<Record<StartStage, () => Promise<string | undefined>>>>): HealthCheck[] {
  return HOOKS.flatMap(([name, stage]) => {
    const check = troubles[stage];
    return check ? [{ name, check }] : [];
  });
}
