import type { V1Container, V1PodSpec } from '../../../generated/types.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../fieldError.ts';

const SYSTEMS = ['linux', 'windows'];
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
/** Of the pod; those of its security context first are named there, the others in the spec. */
const LINUX_ONLY_OF_POD = [
  'appArmorProfile', 'seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'shareProcessNamespace', 'runAsUser', 'runAsGroup',
  'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy',
] as const;
const IN_SPEC = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
const LINUX_ONLY_OF_CONTAINER = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'] as const;

/** A container with its path, of each of a pod's three lists, in the order in which Kubernetes visits them. */
export function containersWithPaths(field: string, { initContainers = [], containers = [], ephemeralContainers = [] }: Partial<V1PodSpec>): [string, V1Container][] {
  return Object.entries({ initContainers, containers, ephemeralContainers }).flatMap(([list, members]) => members.map((container, index): [string, V1Container] => [`${field}.${list}[${index}]`, container]));
}

/** What the system that a pod names does not know (`validateOS`, `validateLinux`, `validateWindows`). */
export function validateOs(field: string, spec: V1PodSpec): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [required(`${field}.os.name`, 'cannot be empty')];
  if (!SYSTEMS.includes(name)) return [notSupported(`${field}.os`, name, SYSTEMS)];
  return name === 'linux' ? validateLinux(field, spec) : validateWindows(field, spec);
}

function validateLinux(field: string, spec: V1PodSpec): FieldError[] {
  const message = 'windows options cannot be set for a linux pod';
  const errors = spec.securityContext?.windowsOptions ? [forbidden(`${field}.securityContext.windowsOptions`, message)] : [];
  for (const [path, { securityContext }] of containersWithPaths(field, spec)) if (securityContext?.windowsOptions) errors.push(forbidden(`${path}.securityContext.windowsOptions`, message));
  return errors;
}

function validateWindows(field: string, spec: V1PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const context: Readonly<Record<string, unknown>> = { ...spec.securityContext };
  for (const name of LINUX_ONLY_OF_POD) {
    const own = IN_SPEC.find((each) => each === name);
    const value = own ? spec[own] : context[name];
    // False is as good as absent of what is a plain flag, and an empty list of settings as none.
    const isUnset = value === undefined || ((name === 'hostPID' || name === 'hostIPC') && value === false) || (name === 'sysctls' && Array.isArray(value) && value.length === 0);
    if (!isUnset) errors.push(forbidden(own ? `${field}.${name}` : `${field}.securityContext.${name}`, NOT_ON_WINDOWS));
  }
  for (const [path, { securityContext }] of containersWithPaths(field, spec)) {
    for (const name of LINUX_ONLY_OF_CONTAINER) if (securityContext?.[name] !== undefined) errors.push(forbidden(`${path}.securityContext.${name}`, NOT_ON_WINDOWS));
  }
  return errors;
}

/** On Windows a pod is on its host with all its containers or with none (`validateWindowsHostProcessPod`). */
export function validateHostProcess(field: string, spec: V1PodSpec): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  const containers = containersWithPaths(field, spec);
  let count = 0;
  for (const [path, { securityContext }] of containers) {
    const own = securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      errors.push(invalid(`${path}.securityContext.windowsOptions.hostProcess`, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`));
    }
    if (own ?? ofPod) count++;
  }
  if (count === 0) return errors;
  if (count !== containers.length) errors.push(invalid(field, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  return spec.hostNetwork ? errors : [...errors, invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers')];
}
