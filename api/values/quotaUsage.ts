import type { V1PersistentVolumeClaim, V1Pod, V1ResourceQuota, V1ScopedResourceSelectorRequirement, V1Service } from '../generated/types.ts';
import type { KubeObject } from '../meta.ts';
import type { IncomingObject } from '../resourceDefinition.ts';
import { podLimits, podRequests } from './podResources.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityOf } from './quantity.ts';
import { qosClassOf } from './qosClass.ts';

/** Amounts by the names that a ResourceQuota uses (`pods`, `requests.cpu`, `count/deployments.apps`). */
export type Usage = ReadonlyMap<string, Quantity>;

const ONE = quantityOf(1);
/** Core kinds that a quota may also name without `count/`. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps', 'persistentvolumeclaims']);
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';

/** What one object takes of a quota (Kubernetes' quota evaluators). */
export function quotaUsage(group: string, resource: string, object: IncomingObject | KubeObject): Usage {
  if (group !== '') return new Map([[`count/${resource}.${group}`, ONE]]);
  const usage = new Map([[`count/${resource}`, ONE]]);
  switch (resource) {
    case 'pods':
      return podUsage(object as V1Pod, usage);
    case 'services':
      return serviceUsage(object as V1Service, usage.set('services', ONE));
    case 'persistentvolumeclaims':
      return claimUsage(object as V1PersistentVolumeClaim, usage.set('persistentvolumeclaims', ONE));
    default:
      return PLAIN_NAMES.has(resource) ? usage.set(resource, ONE) : usage;
  }
}

/** A finished pod takes nothing but its place in the store. */
function podUsage(pod: V1Pod, usage: Map<string, Quantity>): Usage {
  if (pod.spec === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return usage;
  usage.set('pods', ONE);
  for (const [name, amount] of podRequests(pod.spec)) {
    if (!name.includes('/')) usage.set(name, amount);
    usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of podLimits(pod.spec)) usage.set(`limits.${name}`, amount);
  return usage;
}

function serviceUsage(service: V1Service, usage: Map<string, Quantity>): Usage {
  const ports = quotaPorts(service);
  if (ports > 0) usage.set('services.nodeports', quantityOf(ports));
  if (service.spec?.type === 'LoadBalancer') usage.set('services.loadbalancers', ONE);
  return usage;
}

function quotaPorts({ spec }: V1Service): number {
  if (spec?.type === 'NodePort') return spec.ports?.length ?? 0;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? (spec.ports ?? []).filter((port) => (port.nodePort ?? 0) > 0).length : (spec.ports?.length ?? 0);
}

function claimUsage(claim: V1PersistentVolumeClaim, usage: Map<string, Quantity>): Usage {
  const storage = claim.spec?.resources?.requests?.['storage'];
  const className = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
  if (storage !== undefined) usage.set('requests.storage', parseQuantity(storage));
  if (className === '') return usage;
  usage.set(`${className}${CLASS_SUFFIX}persistentvolumeclaims`, ONE);
  if (storage !== undefined) usage.set(`${className}${CLASS_SUFFIX}requests.storage`, parseQuantity(storage));
  return usage;
}

export function sumUsage(usages: Iterable<Usage>): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  for (const usage of usages) for (const [name, amount] of usage) sum.set(name, addQuantities(sum.get(name) ?? quantityOf(0), amount));
  return sum;
}

/** Whether a quota counts this object: one with scopes counts only pods that are in all of them. */
export function inScope(quota: V1ResourceQuota, group: string, resource: string, object: IncomingObject | KubeObject): boolean {
  const requirements: readonly V1ScopedResourceSelectorRequirement[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  return group === '' && resource === 'pods' && requirements.every((requirement) => podInScope(object as V1Pod, requirement));
}

function podInScope(pod: V1Pod, { scopeName, operator, values }: V1ScopedResourceSelectorRequirement): boolean {
  const spec = pod.spec;
  if (spec === undefined) return false;
  switch (scopeName) {
    case 'Terminating':
      return (spec.activeDeadlineSeconds ?? -1) >= 0;
    case 'NotTerminating':
      return (spec.activeDeadlineSeconds ?? -1) < 0;
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass': {
      const name = spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return (operator === 'In') === (values ?? []).includes(name);
    }
    case 'CrossNamespacePodAffinity':
      return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].some((affinity) =>
        [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => each.podAffinityTerm)].some(
          (term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined,
        ),
      );
    default:
      return false;
  }
}

/** Names of those of the limits that this use goes beyond. */
export function exceeded(used: Usage, hard: Readonly<Record<string, string>>): string[] {
  return [...used].filter(([name, amount]) => hard[name] !== undefined && compareQuantities(amount, parseQuantity(hard[name])) > 0).map(([name]) => name).sort();
}
