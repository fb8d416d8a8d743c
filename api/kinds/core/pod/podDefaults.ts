import type { V1Container, V1Pod, V1PodSpec, V1ResourceRequirements } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { isHugePages, isPodLevelResource } from '../../../validation/resources.ts';
import { podLimits, podRequests } from '../../../values/podResources.ts';
import { formatQuantity, type Quantity } from '../../../values/quantity.ts';
import { canonicalizeResources } from '../../../values/resourceList.ts';
import { DEFAULT_SCHEDULER } from '../../../wellKnown.ts';
import { setContainerDefaults, setResourceDefaults } from './containerDefaults.ts';
import { setVolumeDefaults } from './volumeDefaults.ts';

const INIT_CONTAINER_ANNOTATIONS = ['beta', 'alpha'].flatMap((stage) => [`pod.${stage}.kubernetes.io/init-containers`, `pod.${stage}.kubernetes.io/init-container-statuses`]);

/** Defaults of a pod's spec, as it stands in a pod and in a workload's template (`SetDefaults_PodSpec`), in place. */
export function setPodSpecDefaults(spec: V1PodSpec): void {
  // A client may leave out what the type requires; validation refuses the empty list.
  spec.containers ??= [];
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= DEFAULT_SCHEDULER;
  // The older name of the field is still written beside the newer one.
  spec.serviceAccountName ||= spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) setContainerDefaults(container);
  for (const container of spec.containers ?? []) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
  canonicalizeResources(spec.overhead);
  if (spec.resources) setResourceDefaults(spec.resources);
}

/** Defaults that a pod has beyond those of a template (`SetDefaults_Pod`), in place. */
export function setPodDefaults(pod: IncomingObject<V1Pod>): void {
  const { spec } = pod;
  dropInitContainerAnnotations(pod.metadata);
  if (!spec) return;
  setPodSpecDefaults(spec);
  // What is negative was never more than the shortest period that there is (`Convert_v1_Pod_To_core_Pod`).
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) setOwnDefaults(container, spec.hostNetwork === true);
  if (spec.resources) setPodLevelAmounts(spec);
}

/** Init containers were annotations once; nobody keeps those (`dropInitContainerAnnotations`), in place. */
export function dropInitContainerAnnotations(metadata: { annotations?: Record<string, string> } | undefined): void {
  const given = metadata?.annotations;
  if (!given || !INIT_CONTAINER_ANNOTATIONS.some((name) => name in given)) return;
  const kept = Object.fromEntries(Object.entries(given).filter(([name]) => !INIT_CONTAINER_ANNOTATIONS.includes(name)));
  if (Object.keys(kept).length > 0) metadata.annotations = kept;
  else delete metadata.annotations;
}

function setOwnDefaults(container: V1Container, hostNetwork: boolean): void {
  const { resources } = container;
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  if (hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

/**
 * Amounts of the pod as a whole, where some of them are given: huge pages that it does not ask for are limited to what its containers are, and, where it is limited, asked for is what they ask for
 * together, else what the pod is limited to (`defaultHugePagePodLimits`, `defaultPodRequests`).
 */
function setPodLevelAmounts(spec: V1PodSpec): void {
  const { resources, overhead: _, ...ofContainers } = spec;
  if (!resources || !(hasAny(resources.limits) || hasAny(resources.requests))) return;
  const pages = [...podLimits(ofContainers)].filter(([name]) => isHugePages(name) && resources.requests?.[name] === undefined);
  if (pages.length > 0) resources.limits = { ...textsOf(pages), ...resources.limits };
  if (!hasAny(resources.limits)) return;
  const asked = [...podRequests(ofContainers)].filter(([name]) => isPodLevelResource(name) && !isHugePages(name));
  const requests = { ...limitsOf(resources), ...textsOf(asked), ...resources.requests };
  if (hasAny(requests)) resources.requests = requests;
}

const hasAny = (amounts: Readonly<Record<string, string>> | undefined): boolean => Object.keys(amounts ?? {}).length > 0;

const limitsOf = ({ limits = {} }: V1ResourceRequirements): Record<string, string> => Object.fromEntries(Object.entries(limits).filter(([name]) => isPodLevelResource(name)));

function textsOf(amounts: readonly (readonly [string, Quantity])[]): Record<string, string> {
  return Object.fromEntries(amounts.map(([name, amount]) => [name, formatQuantity(amount)]));
}
