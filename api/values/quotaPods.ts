import type { V1Container, V1ContainerStatus, V1Pod, V1PodSpec } from '../generated/types.ts';
import { podLimits, podRequests, type ResourceAmounts } from './podResources.ts';
import { isExtendedQuota, isExtendedResource } from './quotaDevices.ts';
import { formatQuantity, maxQuantity, parseQuantity, type Quantity, quantityOf, quantityOrZero } from './quantity.ts';

type Texts = Readonly<Record<string, string>>;

const ONE = quantityOf(1);
/** Resources of which a quota counts both what is asked for and what may be used. */
const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const HUGE_PAGES = 'hugepages-';

/** Names that count for pods, of those that a quota has (`podEvaluator.MatchingResources`). */
export function isPodQuota(name: string): boolean {
  return POD_NAMES.has(name) || name.startsWith(HUGE_PAGES) || name.startsWith(`requests.${HUGE_PAGES}`) || isExtendedQuota(name);
}

const POD_NAMES: ReadonlySet<string> = new Set(['count/pods', 'pods', ...[...COMPUTE].flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]);

/**
 * What a pod takes of a quota. One that is finished, or that should be gone for longer than its grace period (its node is lost), takes
 * nothing but its place in the store. `now` in wall-clock milliseconds.
 */
export function podQuotaUsage(pod: V1Pod, now?: number): Map<string, Quantity> {
  const usage = new Map([['count/pods', ONE]]);
  if (pod.spec === undefined || isOver(pod, now)) return usage;
  const spec = withActualResources(pod, pod.spec);
  usage.set('pods', ONE);
  for (const [name, amount] of byQuotaName(podRequests(spec), podLimits(spec))) usage.set(name, amount);
  return usage;
}

function isOver({ metadata, status }: V1Pod, now: number | undefined): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return now !== undefined && deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined && now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1_000;
}

/** Amounts under the names that quotas have for them. */
export function byQuotaName(requests: ResourceAmounts, limits: ResourceAmounts): Map<string, Quantity> {
  const named = new Map<string, Quantity>();
  for (const [name, amount] of requests) {
    if (COMPUTE.has(name) || name.startsWith(HUGE_PAGES)) named.set(name, amount);
    if (COMPUTE.has(name) || name.startsWith(HUGE_PAGES) || isExtendedResource(name)) named.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (COMPUTE.has(name)) named.set(`limits.${name}`, amount);
  return named;
}

/** While a pod is resized it counts with what it has or with what it asks for, whichever is more. */
function withActualResources(pod: V1Pod, spec: V1PodSpec): V1PodSpec {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  if (!statuses.some(({ resources, allocatedResources }) => resources ?? allocatedResources)) return spec;
  const isInfeasible = (pod.status?.conditions ?? []).some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible');
  const raise = (container: V1Container): V1Container => raised(container, statuses.find(({ name }) => name === container.name), isInfeasible);
  return { ...spec, containers: spec.containers.map(raise), ...(spec.initContainers ? { initContainers: spec.initContainers.map(raise) } : {}) };
}

function raised(container: V1Container, status: V1ContainerStatus | undefined, isInfeasible: boolean): V1Container {
  if (!status?.resources && !status?.allocatedResources) return container;
  const requests = largest(isInfeasible ? undefined : container.resources?.requests, status.resources?.requests, status.allocatedResources);
  const limits = largest(isInfeasible ? undefined : container.resources?.limits, status.resources?.limits);
  return { ...container, resources: { ...container.resources, requests, limits } };
}

function largest(...lists: readonly (Texts | undefined)[]): Record<string, string> {
  const most = new Map<string, Quantity>();
  for (const list of lists) for (const [name, text] of Object.entries(list ?? {})) most.set(name, maxQuantity(most.get(name) ?? parseQuantity(text), quantityOrZero(text)));
  return Object.fromEntries([...most].map(([name, amount]) => [name, formatQuantity(amount)]));
}

/** Amounts that every container must state where a quota limits them; Kubernetes keeps this for those that it always held so. */
const MUST_STATE: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** `must specify limits.cpu for: a,b; …`; undefined where everything is said, or anything for the whole pod. */
export function whatPodMustSpecify(spec: V1PodSpec, names: readonly string[]): string | undefined {
  if ([spec.resources?.requests, spec.resources?.limits].some((list) => Object.keys(list ?? {}).some(isPodLevel))) return undefined;
  const amounts = (list: Texts | undefined): ResourceAmounts => new Map(Object.entries(list ?? {}).map(([name, text]) => [name, quantityOrZero(text)]));
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, resources }) => ({ name, has: byQuotaName(amounts(resources?.requests), amounts(resources?.limits)) }));
  const missing = names.filter((name) => MUST_STATE.has(name)).sort().flatMap((name) => {
    const silent = containers.filter(({ has }) => !has.has(name)).map((container) => container.name).sort();
    return silent.length === 0 ? [] : [`${name} for: ${silent.join(',')}`];
  });
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`;
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith(HUGE_PAGES);
