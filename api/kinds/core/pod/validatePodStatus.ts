import { isIPv6 } from 'node:net';
import type { V1Container, V1ContainerStatus, V1Pod, V1PodSpec, V1PodStatus } from '../../../generated/types.ts';
import { duplicate, forbidden, invalid, notSupported, type FieldError } from '../../../fieldError.ts';
import { immutable, invalidEach } from '../../../validation/fields.ts';
import { validateDns1123Subdomain, validateIPAddress, validateQualifiedName } from '../../../validation/names.ts';
import { isSidecar } from '../../../values/podResources.ts';
import { validateId, validateIds } from './securityProfiles.ts';
import { NO_SPEC, type IncomingPod } from './validatePod.ts';
import { validatePodAnnotationUpdate } from './validatePodAnnotations.ts';

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const ONE_PER_FAMILY = 'may specify no more than one IP for each IP family';

/** What the node may not report (`ValidatePodStatusUpdate`). */
export function validatePodStatusUpdate(pod: IncomingPod, previous: V1Pod): FieldError[] {
  const { status = {}, spec = NO_SPEC, metadata } = pod;
  const before = previous.status ?? {};
  const nominated = status.nominatedNodeName;
  return [
    ...validatePodAnnotationUpdate('metadata.annotations', metadata.annotations ?? {}, previous.metadata.annotations ?? {}),
    ...(status.conditions ?? []).flatMap(({ type }, index) => (SYSTEM_CONDITIONS.has(type) ? [] : invalidEach(`metadata.conditions[${index}].Type`, type, validateQualifiedName(type ?? '')))),
    ...(nominated && nominated !== before.nominatedNodeName ? invalidEach('status.nominatedNodeName', nominated, validateDns1123Subdomain(nominated)) : []),
    ...immutable('status.qosClass', status.qosClass, before.qosClass),
    ...validateTransitions(status, before, previous.spec ?? NO_SPEC),
    ...validateClaimStatuses(status, spec),
    ...validateAddresses('status.podIPs', (status.podIPs ?? []).map(({ ip }) => ip ?? '')),
    ...validateHostAddresses(status),
    ...STATUS_LISTS.flatMap((list) => validateUsers(`status.${list}`, status[list] ?? [], spec)),
    ...validateAllocated('status.containerStatuses', status.containerStatuses ?? [], spec.containers),
    ...validateAllocated('status.initContainerStatuses', status.initContainerStatuses ?? [], spec.initContainers ?? []),
    ...(status.ephemeralContainerStatuses ?? []).flatMap(({ allocatedResourcesStatus: allocated }, index) =>
      (allocated?.length ? [forbidden(`status.ephemeralContainerStatuses[${index}].allocatedResourcesStatus`, 'must not be specified in container status')] : [])),
  ];
}

const STATUS_LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** A container that ended for good does not run again. One that has a restart policy of its own is its node's affair. */
function validateTransitions(status: V1PodStatus, before: V1PodStatus, spec: V1PodSpec): FieldError[] {
  const restartPolicy = spec.restartPolicy ?? 'Always';
  const hasOwnPolicy = ({ name }: V1ContainerStatus): boolean => spec.containers.some((each) => each.name === name && each.restartPolicy !== undefined);
  const mayRestart = ({ name }: V1ContainerStatus): boolean => (spec.initContainers ?? []).some((each) => each.name === name && (isSidecar(each) || each.restartPolicy !== undefined));
  return [
    ...refuseResurrection('status.containerStatuses', status.containerStatuses, before.containerStatuses, restartPolicy, hasOwnPolicy),
    ...refuseResurrection('status.initContainerStatuses', status.initContainerStatuses, before.initContainerStatuses, restartPolicy, mayRestart),
    ...refuseResurrection('status.ephemeralContainerStatuses', status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'Never', () => false),
  ];
}

function refuseResurrection(field: string, now: readonly V1ContainerStatus[] = [], before: readonly V1ContainerStatus[] = [], restartPolicy: string, isExempt: (status: V1ContainerStatus) => boolean): FieldError[] {
  if (restartPolicy === 'Always') return [];
  return before.flatMap((old, index) => {
    const ended = old.state?.terminated;
    if (!ended || (ended.exitCode !== 0 && restartPolicy === 'OnFailure') || isExempt(old)) return [];
    return now.filter((each) => each.name === old.name && !each.state?.terminated).map(() => forbidden(`${field}[${index}].state`, 'may not be transitioned to non-terminated state'));
  });
}

function validateClaimStatuses({ resourceClaimStatuses = [] }: V1PodStatus, { resourceClaims = [] }: V1PodSpec): FieldError[] {
  return resourceClaimStatuses.flatMap(({ name, resourceClaimName }, index) => {
    const path = `status.resourceClaimStatuses[${index}].name`;
    const errors = resourceClaims.some((each) => each.name === name) ? [] : [invalid(path, name, 'must match the name of an entry in `spec.resourceClaims`')];
    if (resourceClaimStatuses.findIndex((each) => each.name === name) < index) errors.push(duplicate(path, name));
    return resourceClaimName === undefined ? errors : [...errors, ...invalidEach(path, resourceClaimName, validateDns1123Subdomain(resourceClaimName))];
  });
}

/** One address, or one of each family. */
function validateAddresses(field: string, addresses: readonly string[]): FieldError[] {
  const errors = addresses.flatMap((address, index) => invalidEach(`${field}[${index}]`, address, validateIPAddress(address)));
  if (addresses.length < 2) return errors;
  const families = new Set(addresses.map((address) => isIPv6(address)));
  if (families.size < 2 || addresses.length > 2) errors.push(invalid(field, addresses.map((ip) => ({ ip })), ONE_PER_FAMILY));
  return [...errors, ...addresses.flatMap((ip, index) => (addresses.indexOf(ip) < index ? [duplicate(`${field}[${index}]`, { ip })] : []))];
}

function validateHostAddresses({ hostIP, hostIPs }: V1PodStatus): FieldError[] {
  if (!hostIPs?.length) return [];
  const first = hostIPs[0]?.ip;
  const errors = hostIP === first ? [] : [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')];
  return [...errors, ...validateAddresses('status.hostIPs', hostIPs.map(({ ip }) => ip ?? ''))];
}

function validateUsers(field: string, statuses: readonly V1ContainerStatus[], { os }: V1PodSpec): FieldError[] {
  return statuses.flatMap(({ user }, index) => {
    const linux = user?.linux;
    const path = `${field}[${index}].linux`;
    if (!linux) return [];
    if (os?.name === 'windows') return [forbidden(path, 'cannot be set for a windows pod')];
    return [...validateIds(path, linux, ['uid', 'gid']), ...(linux.supplementalGroups ?? []).flatMap((group, at) => validateId(`${path}.supplementalGroups[${at}]`, group))];
  });
}

/** The health of devices is told of those that the container asked for. */
function validateAllocated(field: string, statuses: readonly V1ContainerStatus[], containers: readonly V1Container[]): FieldError[] {
  return statuses.flatMap(({ name, allocatedResourcesStatus = [] }, index) =>
    allocatedResourcesStatus.flatMap((allocated, at) => {
      const path = `${field}[${index}].allocatedResourcesStatus[${at}]`;
      const container = containers.find((each) => each.name === name);
      const errors: FieldError[] = [];
      if (container && allocated.name.startsWith('claim:')) {
        const claims = (container.resources?.claims ?? []).map((claim) => `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`);
        if (!claims.includes(allocated.name)) errors.push(invalid(`${path}.name`, allocated.name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"));
      } else if (container && !Object.hasOwn(container.resources?.requests ?? {}, allocated.name)) {
        errors.push(invalid(`${path}.name`, allocated.name, "must match one of the container's resource requests"));
      }
      const resources = allocated.resources ?? [];
      return [...errors, ...resources.flatMap(({ health, resourceID }, nth) => [
        ...(HEALTH.includes(health ?? '') ? [] : [notSupported(`${path}.resources[${nth}].health`, health ?? '', HEALTH)]),
        ...(resources.findIndex((each) => each.resourceID === resourceID) < nth ? [duplicate(`${path}.resources[${nth}].resourceID`, resourceID)] : []),
      ])];
    }));
}
