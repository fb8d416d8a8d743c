import type { V1PodResourceClaim, V1PodSpec, V1PodTemplateSpec } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required, tooLong } from '../../../fieldError.ts';
import { invalidEach, oneOf } from '../../../validation/fields.ts';
import { validateAnnotations, validateLabels } from '../../../validation/labels.ts';
import { validateIPAddress } from '../../../validation/ipText.ts';
import { rangeMessage, validateDns1123Label, validateDns1123Subdomain, validateDns1123SubdomainWithUnderscore, validateQualifiedName } from '../../../validation/names.ts';
import { validateResourceRequirements } from '../../../validation/resources.ts';
import { validateAffinity } from './validateAffinity.ts';
import { validateAllContainers } from './validateContainers.ts';
import { validateHostProcess, validateOs } from './validateOs.ts';
import { validatePodAnnotations, validateProfilesMatch } from './validatePodAnnotations.ts';
import { validatePodResources } from './validatePodResources.ts';
import { validateSchedulingGates, validateTolerations, validateTopologySpread } from './validateScheduling.ts';
import { validateHostUsers, validatePodSecurity } from './validateSecurity.ts';
import { validateVolumes, type VolumeOwner } from './validateVolumes.ts';
import { internalForm } from '../../internalForm.ts';

const MAX_INT32 = 2 ** 31 - 1;
const MAX_NAMESERVERS = 3;
const MAX_HOSTNAME = 64;
const MAX_SEARCHES = 32;
const MAX_SEARCH_LENGTH = 2048;

/**
 * What holds for the spec of a pod and of a template (`ValidatePodSpec`), after defaulting. In a template the host port of a pod on the host
 * network may still be left to the pod's own defaults.
 */
export function validatePodSpec(field: string, spec: V1PodSpec, owner: VolumeOwner): FieldError[] {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, hostname, subdomain, priorityClassName, runtimeClassName, preemptionPolicy } = spec;
  const volumes = validateVolumes(`${field}.volumes`, spec.volumes, owner);
  const errors = [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${field}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...validateResourceClaims(`${field}.resourceClaims`, spec.resourceClaims),
    ...validateAllContainers(field, spec, volumes.valid),
    ...validatePodResources(`${field}.resources`, spec),
    ...validateHostNetworkPorts(field, spec, owner.isPod),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(`${field}.nodeSelector`, spec.nodeSelector),
    ...validatePodSecurity(field, spec),
    ...validateAffinity(`${field}.affinity`, spec.affinity),
    ...validateDnsConfig(`${field}.dnsConfig`, spec),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) => invalidEach(`${field}.readinessGates[${index}].conditionType`, conditionType, validateQualifiedName(conditionType ?? ''))),
    ...validateSchedulingGates(`${field}.schedulingGates`, spec.schedulingGates),
    ...validateTopologySpread(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...validateHostProcess(field, spec),
    ...validateHostUsers(field, spec),
  ];
  for (const [name, value] of Object.entries({ serviceAccountName, nodeName })) if (value) append(errors, invalidEach(`${field}.${name}`, value, validateDns1123Subdomain(value)));
  if (activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > MAX_INT32)) {
    errors.push(invalid(`${field}.activeDeadlineSeconds`, activeDeadlineSeconds, rangeMessage(1, MAX_INT32)));
  }
  if (hostname) append(errors, invalidEach(`${field}.hostname`, hostname, validateDns1123Label(hostname)));
  if (subdomain) append(errors, invalidEach(`${field}.subdomain`, subdomain, validateDns1123Label(subdomain)));
  append(errors, validateHostnameOverride(`${field}.hostnameOverride`, spec));
  append(errors, validateTolerations(`${field}.tolerations`, spec.tolerations), validateHostAliases(`${field}.hostAliases`, spec));
  if (priorityClassName) append(errors, invalidEach(`${field}.priorityClassName`, priorityClassName, validateDns1123Subdomain(priorityClassName)));
  if (runtimeClassName !== undefined) append(errors, invalidEach(`${field}.runtimeClassName`, runtimeClassName, validateDns1123Subdomain(runtimeClassName)));
  if (preemptionPolicy !== undefined) append(errors, oneOf(`${field}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never']));
  // Overhead is judged as a container's limits are.
  if (spec.overhead) append(errors, validateResourceRequirements(`${field}.overhead`, { limits: spec.overhead }));
  return [...errors, ...validateOs(field, spec)];
}

/** A template's metadata and spec (`ValidatePodTemplateSpec`). */
export function validatePodTemplateSpec(field: string, template: V1PodTemplateSpec | undefined): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const annotations = template?.metadata?.annotations ?? {};
  const errors = [
    ...validateLabels(`${field}.labels`, template?.metadata?.labels),
    ...validateAnnotations(`${field}.annotations`, annotations),
    ...validatePodAnnotations(`${field}.annotations`, annotations, spec),
    ...validatePodSpec(`${field}.spec`, spec, { isPod: false }),
    ...validateProfilesMatch(`${field}.spec`, annotations, spec),
  ];
  if (spec.ephemeralContainers?.length) errors.push(forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  return errors;
}

function validateHostNetworkPorts(field: string, { hostNetwork, containers }: V1PodSpec, isPod: boolean): FieldError[] {
  if (!hostNetwork) return [];
  return containers.flatMap(({ ports }, index) => (ports ?? []).flatMap(({ hostPort = 0, containerPort }, at) => {
    if (hostPort === containerPort || (hostPort === 0 && !isPod)) return [];
    return [invalid(`${field}.containers[${index}].ports[${at}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
  }));
}

/** A name for the kernel, which holds 64 bytes; the host's own is not to be touched. */
function validateHostnameOverride(field: string, { hostnameOverride: name, hostNetwork, setHostnameAsFQDN }: V1PodSpec): FieldError[] {
  if (name === undefined) return [];
  const errors = name.length > MAX_HOSTNAME ? [tooLong(field, MAX_HOSTNAME)] : [];
  append(errors, invalidEach(field, name, validateDns1123Subdomain(name)));
  if (hostNetwork) errors.push(forbidden(field, 'may not be specified when hostNetwork is true'));
  return setHostnameAsFQDN ? [...errors, forbidden(field, 'may not be specified when setHostnameAsFQDN is true')] : errors;
}

/** What devices the pod wants, by names that its containers use (`validatePodResourceClaims`). */
function validateResourceClaims(field: string, claims: readonly V1PodResourceClaim[] | undefined): FieldError[] {
  const names = new Set<string>();
  return (claims ?? []).flatMap((claim, index) => {
    const path = `${field}[${index}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const errors = !name ? [required(`${path}.name`)] : names.has(name) ? [duplicate(`${path}.name`, name)] : invalidEach(`${path}.name`, name, validateDns1123Label(name));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) errors.push(invalid(path, internalForm('PodResourceClaim', claim), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) errors.push(invalid(path, internalForm('PodResourceClaim', claim), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const [key, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) if (value !== undefined) append(errors, invalidEach(`${path}.${key}`, value, validateDns1123Subdomain(value)));
    return errors;
  });
}

function validateDnsConfig(field: string, { dnsPolicy, dnsConfig }: V1PodSpec): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (nameservers.length === 0) return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (nameservers.length > MAX_NAMESERVERS) errors.push(invalid(`${field}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  for (const [index, address] of nameservers.entries()) append(errors, invalidEach(`${field}.nameservers[${index}]`, address, validateIPAddress(address)));
  if (searches.length > MAX_SEARCHES) errors.push(invalid(`${field}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  if (searches.join(' ').length > MAX_SEARCH_LENGTH) errors.push(invalid(`${field}.searches`, searches, `must not have more than ${MAX_SEARCH_LENGTH} characters (including spaces) in the search list`));
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.replace(/\.$/, '');
    append(errors, invalidEach(`${field}.searches[${index}]`, name, validateDns1123SubdomainWithUnderscore(name)));
  }
  for (const [index, { name }] of options.entries()) if (!name) errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  return errors;
}

function validateHostAliases(field: string, { hostAliases = [] }: V1PodSpec): FieldError[] {
  return hostAliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...invalidEach(`${field}[${index}].ip`, ip ?? '', validateIPAddress(ip ?? '')),
    ...hostnames.flatMap((name, at) => invalidEach(`${field}[${index}].hostnames[${at}]`, name, validateDns1123Subdomain(name))),
  ]);
}
