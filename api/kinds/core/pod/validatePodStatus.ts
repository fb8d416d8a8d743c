import { isIPv6 } from 'node:net';
import type { V1Container, V1ContainerStatus, V1Pod, V1PodCondition, V1PodExtendedResourceClaimStatus, V1PodSpec, V1PodStatus } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notSupported, ofEach, required } from '../../../fieldError.ts';
import { immutable, invalidEach, repeats } from '../../../validation/fields.ts';
import { validateIPAddress } from '../../../validation/ipText.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateQualifiedName } from '../../../validation/names.ts';
import { ownField } from '../../../values/ownField.ts';
import { restartsAfterExit } from '../../../values/restartPolicy.ts';
import { validateId, validateIds } from './securityProfiles.ts';
import { NO_SPEC, type IncomingPod } from './validatePod.ts';
import { validatePodAnnotations, validatePodAnnotationUpdate } from './validatePodAnnotations.ts';

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const ONE_PER_FAMILY = 'may specify no more than one IP for each IP family';

/** What the node may not report (`ValidatePodStatusUpdate`). */
export function validatePodStatusUpdate(pod: IncomingPod, previous: V1Pod): FieldError[] {
  const { status = {}, spec = NO_SPEC, metadata } = pod;
  const before = previous.status ?? {};
  return [
    ...validatePodAnnotationUpdate('metadata.annotations', metadata.annotations ?? {}, previous.metadata.annotations ?? {}),
    ...validatePodAnnotations('metadata.annotations', metadata.annotations ?? {}, spec),
    ...validateConditions('status.conditions', status.conditions ?? []),
    ...validateNomination('status.nominatedNodeName', status.nominatedNodeName, before.nominatedNodeName, previous),
    ...wholeNumber('status.observedGeneration', status.observedGeneration),
    ...immutable('status.qosClass', status.qosClass, before.qosClass),
    ...validateTransitions(status, before, previous.spec ?? NO_SPEC),
    ...validateClaimStatuses(status, spec),
    ...validateExtendedClaim('status.extendedResourceClaimStatus', status.extendedResourceClaimStatus, spec),
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

function validateConditions(field: string, conditions: readonly V1PodCondition[]): FieldError[] {
  return conditions.flatMap(({ type, observedGeneration }, index) => [
    ...wholeNumber(`${field}[${index}].observedGeneration`, observedGeneration),
    ...(SYSTEM_CONDITIONS.has(type) ? [] : invalidEach(`${field}[${index}].Type`, type, validateQualifiedName(type ?? ''))),
  ]);
}

const wholeNumber = (field: string, value: number | undefined): FieldError[] => (value !== undefined && value < 0 ? [invalid(field, value, 'must be a non-negative integer')] : []);

/** A node is a candidate only for a pod that has none. */
function validateNomination(field: string, name: string | undefined, before: string | undefined, { spec }: V1Pod): FieldError[] {
  if (!name || name === before) return [];
  const errors = invalidEach(field, name, validateDns1123Subdomain(name));
  return spec?.nodeName ? [...errors, forbidden(field, 'may not be set on pods that are already bound to a node')] : errors;
}

/** A container that ended for good does not run again. */
function validateTransitions(status: V1PodStatus, before: V1PodStatus, spec: V1PodSpec): FieldError[] {
  // One that starts all others anew may start any.
  const all = [...spec.containers, ...(spec.initContainers ?? [])].some(({ restartPolicyRules: rules }) => rules?.some(({ action }) => action === 'RestartAllContainers'));
  const mayRun = (containers: readonly V1Container[]) => ({ name, state }: V1ContainerStatus): boolean =>
    all || restartsAfterExit(containers.find((each) => each.name === name) ?? { name }, spec.restartPolicy, state?.terminated?.exitCode ?? 0);
  return [
    ...refuseResurrection('status.containerStatuses', status.containerStatuses, before.containerStatuses, mayRun(spec.containers)),
    ...refuseResurrection('status.initContainerStatuses', status.initContainerStatuses, before.initContainerStatuses, mayRun(spec.initContainers ?? [])),
    ...refuseResurrection('status.ephemeralContainerStatuses', status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, () => false),
  ];
}

function refuseResurrection(field: string, now: readonly V1ContainerStatus[] = [], before: readonly V1ContainerStatus[] = [], mayRun: (status: V1ContainerStatus) => boolean): FieldError[] {
  return before.flatMap((old, index) => {
    if (!old.state?.terminated || mayRun(old)) return [];
    return now.filter((each) => each.name === old.name && !each.state?.terminated).map(() => forbidden(`${field}[${index}].state`, 'may not be transitioned to non-terminated state'));
  });
}

function validateClaimStatuses({ resourceClaimStatuses = [] }: V1PodStatus, { resourceClaims = [] }: V1PodSpec): FieldError[] {
  const claims = new Set(resourceClaims.map((each) => each.name));
  const isSame = repeats();
  return resourceClaimStatuses.flatMap(({ name, resourceClaimName }, index) => {
    const path = `status.resourceClaimStatuses[${index}].name`;
    const errors = claims.has(name) ? [] : [invalid(path, name, 'must match the name of an entry in `spec.resourceClaims`')];
    if (isSame(name)) errors.push(duplicate(path, name));
    return resourceClaimName === undefined ? errors : [...errors, ...invalidEach(path, resourceClaimName, validateDns1123Subdomain(resourceClaimName))];
  });
}

/** The claim that was made for devices which containers ask for as they do for cpu (`validatePodExtendedResourceClaimStatus`). */
function validateExtendedClaim(field: string, claim: V1PodExtendedResourceClaimStatus | undefined, spec: V1PodSpec): FieldError[] {
  if (!claim) return [];
  const containers = new Map([...(spec.initContainers ?? []), ...spec.containers].map((each) => [each.name, each]));
  const mappings = claim.requestMappings ?? [];
  const errors = mappings.length > 0 ? [] : [required(`${field}.requestMappings`, 'at least one request mapping is required')];
  const isSame = repeats();
  for (const [index, { containerName, resourceName, requestName }] of mappings.entries()) {
    const path = `${field}.requestMappings[${index}]`;
    const container = containers.get(containerName);
    if (!container) errors.push(invalid(`${path}.containerName`, containerName, 'must match the name of an entry in spec.initContainers.name or spec.containers.name'));
    else if (ownField(container.resources?.requests, resourceName) === undefined) {
      errors.push(invalid(`${path}.resourceName`, resourceName, 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'));
    }
    // Kubernetes does not say of which mapping.
    append(errors, invalidEach(`${field}.requestName`, requestName, validateDns1123Label(requestName ?? '')));
    if (isSame(JSON.stringify([containerName, resourceName, requestName]))) append(errors, Object.entries({ containerName, resourceName, requestName }).map(([name, value]) => duplicate(`${path}.${name}`, value)));
  }
  const name = claim.resourceClaimName;
  return [...errors, ...(name ? invalidEach(`${field}.resourceClaimName`, name, validateDns1123Subdomain(name)) : [required(`${field}.resourceClaimName`)])];
}

/** One address, or one of each family. */
function validateAddresses(field: string, addresses: readonly string[]): FieldError[] {
  const errors = addresses.flatMap((address, index) => invalidEach(`${field}[${index}]`, address, validateIPAddress(address)));
  if (addresses.length < 2) return errors;
  const families = new Set(addresses.map((address) => isIPv6(address)));
  if (families.size < 2 || addresses.length > 2) errors.push(invalid(field, addresses.map((ip) => ({ IP: ip })), ONE_PER_FAMILY));
  const isSame = repeats();
  return [...errors, ...addresses.flatMap((ip, index) => (isSame(ip) ? [duplicate(`${field}[${index}]`, { IP: ip })] : []))];
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
    return [...validateIds(path, linux, ['uid', 'gid']), ...ofEach(`${path}.supplementalGroups`, linux.supplementalGroups, validateId)];
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
