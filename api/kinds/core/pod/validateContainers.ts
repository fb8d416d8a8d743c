import type { V1Container, V1ContainerPort, V1PodSpec, V1Volume } from '../../../generated/types.ts';
import { append, duplicate, type FieldError, forbidden, invalid, notFound, required } from '../../../fieldError.ts';
import { invalidEach, oneOf } from '../../../validation/fields.ts';
import { validateDns1123Label, validatePortName, validatePortNumber } from '../../../validation/names.ts';
import { validateResourceRequirements } from '../../../validation/resources.ts';
import { isRecord } from '../../../values/isRecord.ts';
import { isSidecar } from '../../../values/podResources.ts';
import { validateContainerSecurity } from './containerSecurity.ts';
import { validateEnv, validateEnvFrom } from './validateEnv.ts';
import { validateDevices, validateMounts } from './validateMounts.ts';
import { validateContainerProbes, validateLifecycle } from './validateProbes.ts';
import { validateResizePolicy, validateRestartRules } from './validateRestart.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const NOT_IN_INIT = 'may not be set for init containers without restartPolicy=Always';
const NOT_IN_EPHEMERAL = 'cannot be set for an Ephemeral Container';
const PROBES_AND_HOOKS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
/** In the order of Kubernetes' type. */
const FORBIDDEN_IN_EPHEMERAL = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

/** All three lists of a pod's containers; `volumes` are those that may be mounted. */
export function validateAllContainers(field: string, spec: V1PodSpec, volumes: ReadonlyMap<string, V1Volume>): FieldError[] {
  const context: Context = {
    spec,
    volumes,
    gracePeriod: spec.terminationGracePeriodSeconds,
    claims: new Set((spec.resourceClaims ?? []).flatMap(({ name }) => name || [])),
  };
  return [...validateContainers(`${field}.containers`, context), ...validateInitContainers(`${field}.initContainers`, context), ...validateEphemeralContainers(`${field}.ephemeralContainers`, context)];
}

/** What of the pod its containers are judged by. */
interface Context {
  readonly spec: V1PodSpec;
  readonly volumes: ReadonlyMap<string, V1Volume>;
  /** Seconds. */
  readonly gracePeriod: number | undefined;
  readonly claims: ReadonlySet<string>;
}

function validateContainers(field: string, context: Context): FieldError[] {
  const { containers } = context.spec;
  if (containers.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`;
    append(errors, validateContainer(path, container, context));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    append(errors, validateRunning(path, container, context), validateRestartRules(path, container));
  }
  return [...errors, ...validateHostPorts(field, containers)];
}

function validateInitContainers(field: string, context: Context): FieldError[] {
  const { containers, initContainers = [] } = context.spec;
  const errors: FieldError[] = [];
  const names = new Set(containers.map((each) => each.name));
  for (const [index, container] of initContainers.entries()) {
    const path = `${field}[${index}]`;
    append(errors, validateContainer(path, container, context), validateRestartRules(path, container));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    else if (container.name) names.add(container.name);
    // One at a time runs, and so only its own ports may clash; Kubernetes names the first of the list.
    append(errors, validateHostPorts(field, [container]));
    if (isSidecar(container)) append(errors, validateRunning(path, container, context));
    else for (const name of PROBES_AND_HOOKS) if (container[name]) errors.push(forbidden(`${path}.${name}`, NOT_IN_INIT));
  }
  return errors;
}

function validateEphemeralContainers(field: string, context: Context): FieldError[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = context.spec;
  const errors: FieldError[] = [];
  const others = new Set([...containers, ...initContainers].map((each) => each.name));
  const names = new Set(others);
  for (const [index, container] of ephemeralContainers.entries()) {
    const path = `${field}[${index}]`;
    append(errors, validateContainer(path, container, context), validateImageSpaces(path, container));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    const { targetContainerName } = container;
    if (targetContainerName && !others.has(targetContainerName)) errors.push(notFound(`${path}.targetContainerName`, targetContainerName));
    for (const name of FORBIDDEN_IN_EPHEMERAL) if (isSet(container[name])) errors.push(forbidden(`${path}.${name}`, NOT_IN_EPHEMERAL));
    for (const [at, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) errors.push(forbidden(`${path}.volumeMounts[${at}].subPath`, NOT_IN_EPHEMERAL));
      if (mount.subPathExpr) errors.push(forbidden(`${path}.volumeMounts[${at}].subPathExpr`, NOT_IN_EPHEMERAL));
    }
  }
  return errors;
}

/** Defaulting writes an empty object where there are no resources: that is as if there were none. */
const isSet = (value: unknown): boolean => (isRecord(value) ? Object.values(value).some((each) => each !== undefined) : value !== undefined && value !== null);

/** What a container has that goes on running. */
function validateRunning(field: string, container: V1Container, { gracePeriod, spec }: Context): FieldError[] {
  return [...validateLifecycle(`${field}.lifecycle`, container.lifecycle, gracePeriod, spec.os), ...validateContainerProbes(field, container)];
}

/** An image name of a pod, unlike one of a template, has no blanks around it (`validateContainerOnlyForPod`). */
export function validateImageSpaces(field: string, { image }: V1Container): FieldError[] {
  return image && image !== image.trim() ? [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')] : [];
}

/** What holds for each container of every list (`validateContainerCommon`). */
function validateContainer(field: string, container: V1Container, { spec, volumes, claims }: Context): FieldError[] {
  const { name, image, volumeMounts = [], volumeDevices = [] } = container;
  const errors = name ? invalidEach(`${field}.name`, name, validateDns1123Label(name)) : [required(`${field}.name`)];
  if (!image) errors.push(required(`${field}.image`));
  append(
    errors,
    oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    validatePorts(`${field}.ports`, container.ports),
    validateEnv(`${field}.env`, container.env, volumes),
    validateEnvFrom(`${field}.envFrom`, container.envFrom),
    validateMounts(`${field}.volumeMounts`, volumeMounts, volumeDevices, volumes, container.securityContext),
    validateDevices(`${field}.volumeDevices`, volumeDevices, volumeMounts, volumes),
    oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    validateResourceRequirements(`${field}.resources`, container.resources, claims),
    validateResizePolicy(`${field}.resizePolicy`, container.resizePolicy, spec.restartPolicy),
    validateContainerSecurity(`${field}.securityContext`, container.securityContext, spec.hostUsers !== false),
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
      if (messages.length > 0) append(errors, invalidEach(`${path}.name`, name, messages));
      else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    if (!containerPort) errors.push(required(`${path}.containerPort`));
    else append(errors, invalidEach(`${path}.containerPort`, containerPort, validatePortNumber(containerPort)));
    if (hostPort) append(errors, invalidEach(`${path}.hostPort`, hostPort, validatePortNumber(hostPort)));
    append(errors, oneOf(`${path}.protocol`, protocol, PROTOCOLS));
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
