import type { V1PodSpec, V1SeccompProfile } from '../../../generated/types.ts';
import { duplicate, forbidden, invalid, required, type FieldError } from '../../../fieldError.ts';
import { oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { rangeMessage } from '../../../validation/names.ts';
import { localDescendingPath } from './validateVolumes.ts';

const MAX_ID = 2 ** 31 - 1;

/** Users and groups are numbers that Linux can hold. */
export function validateIds<K extends string>(field: string, context: Partial<Record<K, number>>, names: readonly K[]): FieldError[] {
  return names.flatMap((name) => validateId(`${field}.${name}`, context[name]));
}

function validateId(field: string, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= MAX_ID) ? [] : [invalid(field, id, rangeMessage(0, MAX_ID))];
}

export function validateSeccomp(field: string, profile: V1SeccompProfile | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (type !== 'Localhost') {
    const errors = localhostProfile === undefined ? [] : [invalid(`${field}.localhostProfile`, localhostProfile, 'can only be set when seccomp type is Localhost')];
    return [...errors, ...(type ? oneOf(`${field}.type`, type, ['Localhost', 'RuntimeDefault', 'Unconfined']) : [required(`${field}.type`, 'type is required when seccompProfile is set')])];
  }
  if (localhostProfile === undefined) return [required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost ')];
  return localDescendingPath(`${field}.localhostProfile`, localhostProfile);
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

/** What a pod's security context and its sharing of the host's namespaces may be. */
export function validatePodSecurity(field: string, spec: V1PodSpec): FieldError[] {
  const { securityContext: context, shareProcessNamespace, hostPID } = spec;
  if (!context) return [];
  const path = `${field}.securityContext`;
  const errors = validateIds(path, context, ['fsGroup', 'runAsUser', 'runAsGroup']);
  for (const [index, group] of (context.supplementalGroups ?? []).entries()) errors.push(...validateId(`${path}.supplementalGroups[${index}]`, group));
  if (shareProcessNamespace && hostPID) errors.push(invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  const names = new Set<string>();
  for (const [index, { name }] of (context.sysctls ?? []).entries()) {
    const at = `${path}.sysctls[${index}].name`;
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !SYSCTL.test(name)) errors.push(invalid(at, name, `must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`));
    else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    if (spec.hostNetwork && name?.startsWith('net.')) errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    if (spec.hostIPC && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(name ?? '')) errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
  }
  errors.push(...oneOfIfSet(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']));
  errors.push(...oneOfIfSet(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']));
  errors.push(...validateSeccomp(`${path}.seccompProfile`, context.seccompProfile));
  return errors;
}

/** A pod with users of its own cannot be in the host's namespaces. */
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

