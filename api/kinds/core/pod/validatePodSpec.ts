import type { V1PodSpec, V1PodTemplateSpec } from '../../../generated/types.ts';
import { invalid, required, type FieldError } from '../../../fieldError.ts';
import { invalidEach, oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { validateAnnotations, validateLabels } from '../../../validation/labels.ts';
import { isIPAddress, rangeMessage, validateDns1123Label, validateDns1123Subdomain, validateIPAddress, validateQualifiedName } from '../../../validation/names.ts';
import { validateResourceQuantity, validateResourceRequirements } from '../../../validation/resources.ts';
import { validateAffinity } from './validateAffinity.ts';
import { validateAllContainers } from './validateContainers.ts';
import { validateSchedulingGates, validateTolerations, validateTopologySpread } from './validateScheduling.ts';
import { validateHostUsers, validatePodSecurity } from './validateSecurity.ts';
import { validateVolumes } from './validateVolumes.ts';

const MAX_INT32 = 2 ** 31 - 1;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_LENGTH = 2048;

/**
 * What holds for the spec of a pod and of a template (`ValidatePodSpec`), after defaulting. `isPod` is false in a template, where
 * the host port of a pod on the host network may still be left to the pod's own defaults.
 */
export function validatePodSpec(field: string, spec: V1PodSpec, isPod: boolean): FieldError[] {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, hostname, subdomain, priorityClassName, runtimeClassName, preemptionPolicy } = spec;
  const errors = [
    ...validateVolumes(`${field}.volumes`, spec.volumes),
    ...validateAllContainers(field, spec),
    ...validateHostNetworkPorts(field, spec, isPod),
    ...validateResourceRequirements(`${field}.resources`, spec.resources),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(`${field}.nodeSelector`, spec.nodeSelector),
    ...validatePodSecurity(field, spec),
    ...validateAffinity(`${field}.affinity`, spec.affinity),
    ...validateDnsConfig(`${field}.dnsConfig`, spec),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) => invalidEach(`${field}.readinessGates[${index}].conditionType`, conditionType, validateQualifiedName(conditionType ?? ''))),
    ...validateSchedulingGates(`${field}.schedulingGates`, spec.schedulingGates),
    ...validateTopologySpread(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
    ...validateHostUsers(field, spec),
  ];
  const names = { serviceAccountName, nodeName, priorityClassName, runtimeClassName };
  for (const [name, value] of Object.entries(names)) if (value) errors.push(...invalidEach(`${field}.${name}`, value, validateDns1123Subdomain(value)));
  if (activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > MAX_INT32)) {
    errors.push(invalid(`${field}.activeDeadlineSeconds`, activeDeadlineSeconds, rangeMessage(1, MAX_INT32)));
  }
  if (hostname) errors.push(...invalidEach(`${field}.hostname`, hostname, validateDns1123Label(hostname)));
  if (subdomain) errors.push(...invalidEach(`${field}.subdomain`, subdomain, validateDns1123Label(subdomain)));
  errors.push(...validateTolerations(`${field}.tolerations`, spec.tolerations), ...validateHostAliases(`${field}.hostAliases`, spec));
  if (preemptionPolicy !== undefined) errors.push(...oneOf(`${field}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never']));
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) errors.push(...validateResourceQuantity(`${field}.overhead[${name}]`, name, amount));
  if (spec.os) errors.push(...(spec.os.name ? oneOfIfSet(`${field}.os.name`, spec.os.name, ['linux', 'windows']) : [required(`${field}.os.name`, 'cannot be empty')]));
  return errors;
}

/** A template's metadata and spec (`ValidatePodTemplateSpec`). */
export function validatePodTemplateSpec(field: string, template: V1PodTemplateSpec | undefined): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const errors = [
    ...validateLabels(`${field}.labels`, template?.metadata?.labels),
    ...validateAnnotations(`${field}.annotations`, template?.metadata?.annotations),
    ...validatePodSpec(`${field}.spec`, spec, false),
  ];
  if (spec.ephemeralContainers?.length) errors.push({ type: 'FieldValueForbidden', field: `${field}.spec.ephemeralContainers`, message: 'Forbidden: ephemeral containers not allowed in pod template' });
  return errors;
}

function validateHostNetworkPorts(field: string, { hostNetwork, containers, initContainers = [] }: V1PodSpec, isPod: boolean): FieldError[] {
  if (!hostNetwork) return [];
  const lists = { containers, initContainers };
  const errors: FieldError[] = [];
  for (const [list, members] of Object.entries(lists)) {
    for (const [index, { ports }] of members.entries()) {
      for (const [at, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
        if (hostPort === containerPort || (hostPort === 0 && !isPod)) continue;
        errors.push(invalid(`${field}.${list}[${index}].ports[${at}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      }
    }
  }
  return errors;
}

function validateDnsConfig(field: string, { dnsPolicy, dnsConfig }: V1PodSpec): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (nameservers.length === 0) return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (nameservers.length > MAX_NAMESERVERS) errors.push(invalid(`${field}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  for (const [index, address] of nameservers.entries()) errors.push(...invalidEach(`${field}.nameservers[${index}]`, address, validateIPAddress(address)));
  if (searches.length > MAX_SEARCHES) errors.push(invalid(`${field}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  if (searches.join(' ').length > MAX_SEARCH_LENGTH) errors.push(invalid(`${field}.searches`, searches, `must not have more than ${MAX_SEARCH_LENGTH} characters (including spaces) in the search list`));
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    // Underscores are allowed since 1.34, as in names of SRV records.
    const name = search.replace(/\.$/, '').replaceAll('_', 'a');
    errors.push(...invalidEach(`${field}.searches[${index}]`, search, validateDns1123Subdomain(name)));
  }
  for (const [index, { name }] of options.entries()) if (!name) errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  return errors;
}

function validateHostAliases(field: string, { hostAliases = [] }: V1PodSpec): FieldError[] {
  return hostAliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...(isIPAddress(ip ?? '') ? [] : invalidEach(`${field}[${index}].ip`, ip ?? '', validateIPAddress(ip ?? ''))),
    ...hostnames.flatMap((name, at) => invalidEach(`${field}[${index}].hostnames[${at}]`, name, validateDns1123Subdomain(name))),
  ]);
}
