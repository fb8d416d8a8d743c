import type { V1Container, V1ContainerPort, V1PodSpec, V1SecurityContext, V1Volume, V1VolumeDevice, V1VolumeMount } from '../../../generated/types.ts';
import { duplicate, forbidden, invalid, notFound, required, type FieldError } from '../../../fieldError.ts';
import { invalidEach, oneOf, oneOfIfSet } from '../../../validation/fields.ts';
import { validateDns1123Label, validatePortName, validatePortNumber } from '../../../validation/names.ts';
import { validateResourceRequirements } from '../../../validation/resources.ts';
import { isSidecar } from '../../../values/podResources.ts';
import { validateEnv, validateEnvFrom } from './validateEnv.ts';
import { validateContainerProbes, validateLifecycle } from './validateProbes.ts';
import { validateIds, validateSeccomp } from './validateSecurity.ts';
import { localDescendingPath } from './validateVolumes.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const NOT_IN_INIT = 'may not be set for init containers without restartPolicy=Always';
const NOT_IN_EPHEMERAL = 'cannot be set for an Ephemeral Container';

/** All three lists of a pod's containers. */
export function validateAllContainers(field: string, spec: V1PodSpec): FieldError[] {
  const gracePeriod = spec.terminationGracePeriodSeconds ?? 30;
  return [...validateContainers(`${field}.containers`, spec, gracePeriod), ...validateInitContainers(`${field}.initContainers`, spec, gracePeriod), ...validateEphemeralContainers(`${field}.ephemeralContainers`, spec)];
}

function validateContainers(field: string, { containers, volumes }: V1PodSpec, gracePeriod: number): FieldError[] {
  if (containers.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(path, container, volumes));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    errors.push(...validateLifecycle(`${path}.lifecycle`, container.lifecycle, gracePeriod), ...validateContainerProbes(path, container));
    errors.push(...oneOfIfSet(`${path}.restartPolicy`, container.restartPolicy, ['Always', 'OnFailure', 'Never']));
  }
  return [...errors, ...validateHostPorts(field, containers)];
}

function validateInitContainers(field: string, { containers, initContainers = [], volumes }: V1PodSpec, gracePeriod: number): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(containers.map((each) => each.name));
  for (const [index, container] of initContainers.entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(path, container, volumes));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    errors.push(...oneOfIfSet(`${path}.restartPolicy`, container.restartPolicy, ['Always', 'OnFailure', 'Never']));
    if (isSidecar(container)) {
      errors.push(...validateLifecycle(`${path}.lifecycle`, container.lifecycle, gracePeriod), ...validateContainerProbes(path, container));
    } else {
      for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) if (container[name]) errors.push(forbidden(`${path}.${name}`, NOT_IN_INIT));
    }
    errors.push(...validateHostPorts(field, [container]));
  }
  return errors;
}

function validateEphemeralContainers(field: string, { containers, initContainers = [], ephemeralContainers = [], volumes }: V1PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const others = new Set([...containers, ...initContainers].map((each) => each.name));
  const names = new Set(others);
  for (const [index, container] of ephemeralContainers.entries()) {
    const path = `${field}[${index}]`;
    errors.push(...validateContainer(path, container, volumes));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    const { targetContainerName, resources } = container;
    if (targetContainerName && !others.has(targetContainerName)) errors.push(notFound(`${path}.targetContainerName`, targetContainerName));
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe', 'ports', 'resizePolicy', 'restartPolicy'] as const) {
      if (container[name] !== undefined) errors.push(forbidden(`${path}.${name}`, NOT_IN_EPHEMERAL));
    }
    if (resources && (resources.limits || resources.requests || resources.claims)) errors.push(forbidden(`${path}.resources`, NOT_IN_EPHEMERAL));
    for (const [at, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) errors.push(forbidden(`${path}.volumeMounts[${at}].subPath`, NOT_IN_EPHEMERAL));
      if (mount.subPathExpr) errors.push(forbidden(`${path}.volumeMounts[${at}].subPathExpr`, NOT_IN_EPHEMERAL));
    }
  }
  return errors;
}

/** What holds for each container of every list (`validateContainerCommon`). */
function validateContainer(field: string, container: V1Container, volumes: readonly V1Volume[] | undefined): FieldError[] {
  const { name, image, volumeMounts = [], volumeDevices = [] } = container;
  const errors = name ? invalidEach(`${field}.name`, name, validateDns1123Label(name)) : [required(`${field}.name`)];
  if (!image) errors.push(required(`${field}.image`));
  errors.push(
    ...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(`${field}.ports`, container.ports),
    ...validateEnv(`${field}.env`, container.env),
    ...validateEnvFrom(`${field}.envFrom`, container.envFrom),
    ...validateMounts(`${field}.volumeMounts`, volumeMounts, volumeDevices, volumes, container.securityContext),
    ...validateDevices(`${field}.volumeDevices`, volumeDevices, volumeMounts, volumes),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateResourceRequirements(`${field}.resources`, container.resources),
    ...validateSecurityContext(`${field}.securityContext`, container.securityContext),
  );
  return errors;
}

function validatePorts(field: string, ports: readonly V1ContainerPort[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name, containerPort, hostPort, protocol }] of (ports ?? []).entries()) {
    const path = `${field}[${index}]`;
    if (name) {
      const messages = validatePortName(name);
      if (messages.length > 0) errors.push(...invalidEach(`${path}.name`, name, messages));
      else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    if (!containerPort) errors.push(required(`${path}.containerPort`));
    else errors.push(...invalidEach(`${path}.containerPort`, containerPort, validatePortNumber(containerPort)));
    if (hostPort) errors.push(...invalidEach(`${path}.hostPort`, hostPort, validatePortNumber(hostPort)));
    errors.push(...oneOf(`${path}.protocol`, protocol, PROTOCOLS));
  }
  return errors;
}

function validateHostPorts(field: string, containers: readonly V1Container[]): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, { ports }] of containers.entries()) {
    for (const [at, { hostPort, hostIP, protocol }] of (ports ?? []).entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${field}[${index}].ports[${at}].hostPort`, key));
      taken.add(key);
    }
  }
  return errors;
}

function validateMounts(field: string, mounts: readonly V1VolumeMount[], devices: readonly V1VolumeDevice[], volumes: readonly V1Volume[] | undefined, security: V1SecurityContext | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const path = `${field}[${index}]`;
    if (!mount.name) errors.push(required(`${path}.name`));
    if (!volumes?.some((each) => each.name === mount.name)) errors.push(notFound(`${path}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    if (paths.has(mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (devices.some((each) => each.name === mount.name)) errors.push(invalid(`${path}.name`, mount.name, 'must not already exist in volumeDevices'));
    if (devices.some((each) => each.devicePath === mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) errors.push(...localDescendingPath(`${path}.subPath`, mount.subPath));
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${path}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...localDescendingPath(`${path}.subPathExpr`, mount.subPathExpr));
    }
    errors.push(...oneOfIfSet(`${path}.mountPropagation`, mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']));
    if (mount.mountPropagation === 'Bidirectional' && !security?.privileged) errors.push(forbidden(`${path}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'));
    errors.push(...validateRecursiveReadOnly(path, mount));
  }
  return errors;
}

function validateRecursiveReadOnly(field: string, { recursiveReadOnly, readOnly, mountPropagation }: V1VolumeMount): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  const path = `${field}.recursiveReadOnly`;
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') return oneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
  const errors = readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')];
  if (mountPropagation !== undefined && mountPropagation !== 'None') errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

function validateDevices(field: string, devices: readonly V1VolumeDevice[], mounts: readonly V1VolumeMount[], volumes: readonly V1Volume[] | undefined): FieldError[] {
  return devices.flatMap(({ name, devicePath }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const volume = volumes?.find((each) => each.name === name);
    if (!name) errors.push(required(`${path}.name`));
    if (devices.findIndex((each) => each.name === name) < index) errors.push(invalid(`${path}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!volume) errors.push(notFound(`${path}.name`, name));
    if (!devicePath) errors.push(required(`${path}.devicePath`));
    else if (devices.findIndex((each) => each.devicePath === devicePath) < index) errors.push(invalid(`${path}.devicePath`, devicePath, 'must be unique'));
    if (mounts.some((each) => each.name === name)) errors.push(invalid(`${path}.name`, name, 'must not already exist in volumeMounts'));
    return errors;
  });
}

function validateSecurityContext(field: string, context: V1SecurityContext | undefined): FieldError[] {
  if (!context) return [];
  const errors = [...validateIds(field, context, ['runAsUser', 'runAsGroup']), ...validateSeccomp(`${field}.seccompProfile`, context.seccompProfile)];
  if (context.procMount) errors.push(...oneOf(`${field}.procMount`, context.procMount, ['Default', 'Unmasked']));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(invalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return errors;
}
