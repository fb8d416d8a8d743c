import type { V1PodSpec, V1Sysctl } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, required } from '../../../fieldError.ts';
import { oneOfIfSet } from '../../../validation/fields.ts';
import { validateAppArmor, validateId, validateIds, validateSeccomp, validateWindowsOptions } from './securityProfiles.ts';

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_FORM = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL = new RegExp(SYSCTL_FORM);
const MAX_SYSCTL_LENGTH = 253;

/** What a pod's security context and its sharing of the host's namespaces may be (`validatePodSpecSecurityContext`). */
export function validatePodSecurity(field: string, spec: V1PodSpec): FieldError[] {
  const { securityContext: context, shareProcessNamespace, hostPID } = spec;
  const path = `${field}.securityContext`;
  const errors = validateIds(path, context ?? {}, ['fsGroup', 'runAsUser', 'runAsGroup']);
  for (const [index, group] of (context?.supplementalGroups ?? []).entries()) append(errors, validateId(`${path}.supplementalGroups[${index}]`, group));
  // Kubernetes keeps this field in the security context, and names it there.
  if (shareProcessNamespace && hostPID) errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  if (!context) return errors;
  return [
    ...errors,
    ...validateSysctls(`${path}.sysctls`, context.sysctls ?? [], spec),
    ...oneOfIfSet(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(`${path}.seccompProfile`, context.seccompProfile),
    ...validateWindowsOptions(`${path}.windowsOptions`, context.windowsOptions),
    ...validateAppArmor(`${path}.appArmorProfile`, context.appArmorProfile),
    ...oneOfIfSet(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    // Mounting with labels is beta, and off (`SELinuxMount`).
    ...oneOfIfSet(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
  ];
}

function validateSysctls(field: string, sysctls: readonly V1Sysctl[], { hostNetwork, hostIPC }: V1PodSpec): FieldError[] {
  const names = new Set<string>();
  return sysctls.flatMap(({ name }, index) => {
    const at = `${field}[${index}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (name.length > MAX_SYSCTL_LENGTH || !SYSCTL.test(name)) errors.push(invalid(at, name, `must have at most ${MAX_SYSCTL_LENGTH} characters and match regex ${SYSCTL_FORM}`));
    else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    // Slashes and dots say the same, as long as the first of them is a slash.
    const dotted = /^[^./]*\//.test(name ?? '') ? name.replaceAll('/', '.') : (name ?? '');
    if (hostNetwork && dotted.startsWith('net.')) errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    if (hostIPC && /^(kernel\.(shm|msg|sem$)|fs\.mqueue\.)/.test(dotted)) errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
    return errors;
  });
}

/** A pod with users of its own cannot be in the host's namespaces (`validateHostUsers`). */
export function validateHostUsers(field: string, { hostUsers, hostNetwork, hostPID, hostIPC, containers }: V1PodSpec): FieldError[] {
  if (hostUsers !== false) return [];
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries({ hostNetwork, hostPID, hostIPC })) {
    if (value) errors.push(forbidden(`${field}.${name}`, 'when `hostUsers` is false'));
  }
  for (const [index, container] of (containers ?? []).entries()) {
    if (container.volumeDevices?.length) errors.push(forbidden(`${field}.containers[${index}].volumeDevices`, 'when `hostUsers` is false'));
  }
  return errors;
}
