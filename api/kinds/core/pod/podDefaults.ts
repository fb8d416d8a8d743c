import type { V1Container, V1Pod, V1PodSpec } from '../../../generated/types.ts';
import type { IncomingObject } from '../../../resourceDefinition.ts';
import { formatQuantity } from '../../../values/quantity.ts';
import { podRequests } from '../../../values/podResources.ts';
import { canonicalizeResources } from '../../../values/resourceList.ts';
import { DEFAULT_SCHEDULER } from '../../../wellKnown.ts';
import { setContainerDefaults, setResourceDefaults } from './containerDefaults.ts';
import { setVolumeDefaults } from './volumeDefaults.ts';

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
  if (!spec) return;
  setPodSpecDefaults(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) setOwnDefaults(container, spec.hostNetwork === true);
  if (spec.resources?.limits) setPodLevelRequests(spec);
}

function setOwnDefaults(container: V1Container, hostNetwork: boolean): void {
  const { resources } = container;
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  if (hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

/** What the pod as a whole may use is what it asks for, unless its containers together say otherwise. */
function setPodLevelRequests(spec: V1PodSpec): void {
  const { resources, overhead: _, ...rest } = spec;
  if (!resources?.limits) return;
  const ofContainers = podRequests(rest);
  const requests: Record<string, string> = {};
  for (const [name, limit] of Object.entries(resources.limits)) {
    const sum = ofContainers.get(name);
    requests[name] = sum ? formatQuantity(sum) : limit;
  }
  resources.requests = { ...requests, ...resources.requests };
}
