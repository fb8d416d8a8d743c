import type { V1ConfigMapKeySelector, V1EnvFromSource, V1EnvVar, V1EnvVarSource, V1FileKeySelector, V1ObjectFieldSelector, V1ResourceFieldSelector, V1Volume } from '../../../generated/types.ts';
import { append, type FieldError, invalid, notFound, notSupported, required } from '../../../fieldError.ts';
import { canonicalQuantity } from '../../../values/quantity.ts';
import { invalidEach } from '../../../validation/fields.ts';
import { validateConfigMapKey, validateDns1123Subdomain, validateEnvVarName, validateQualifiedName } from '../../../validation/names.ts';
import { localNonReservedPath } from '../volumes/paths.ts';

/** Fields of a pod that a variable may be taken from. */
const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];
/** Those that a file may be made of. */
export const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const CONVERTIBLE_FIELDS = new Set([...ENV_FIELDS, ...VOLUME_FIELDS, 'spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']);

const CONTAINER_RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];
const CPU_DIVISORS = ['1m', '1'];
const MEMORY_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

export function validateEnv(field: string, variables: readonly V1EnvVar[] | undefined, volumes: ReadonlyMap<string, V1Volume>): FieldError[] {
  if (!variables) return [];
  return variables.flatMap((variable, index) => {
    const path = `${field}[${index}]`;
    const errors = variable.name ? invalidEach(`${path}.name`, variable.name, validateEnvVarName(variable.name)) : [required(`${path}.name`)];
    if (variable.valueFrom) append(errors, validateValueFrom(`${path}.valueFrom`, variable.value, variable.valueFrom, volumes));
    return errors;
  });
}

function validateValueFrom(field: string, value: string | undefined, source: V1EnvVarSource, volumes: ReadonlyMap<string, V1Volume>): FieldError[] {
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) append(errors, validateFieldRef(`${field}.fieldRef`, fieldRef, ENV_FIELDS));
  if (resourceFieldRef) append(errors, validateResourceFieldRef(`${field}.resourceFieldRef`, resourceFieldRef, false));
  if (configMapKeyRef) append(errors, validateKeyRef(`${field}.configMapKeyRef`, configMapKeyRef));
  if (secretKeyRef) append(errors, validateKeyRef(`${field}.secretKeyRef`, secretKeyRef));
  if (fileKeyRef) append(errors, validateFileKeyRef(`${field}.fileKeyRef`, fileKeyRef, volumes));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) {
    errors.push(invalid(field, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
  } else if (value) {
    errors.push(invalid(field, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

/** A variable out of a file that an init container has written. */
function validateFileKeyRef(field: string, { volumeName, path, key }: V1FileKeySelector, volumes: ReadonlyMap<string, V1Volume>): FieldError[] {
  const errors = key ? invalidEach(`${field}.key`, key, validateEnvVarName(key)) : [required(`${field}.key`)];
  const volume = volumes.get(volumeName);
  if (!volumeName) errors.push(required(`${field}.volumeName`));
  else if (!volume) errors.push(notFound(`${field}.volumeName`, volumeName));
  else if (!volume.emptyDir) errors.push(invalid(`${field}.volumeName`, volumeName, 'referenced volume must be of type emptyDir'));
  return [...errors, ...(path ? localNonReservedPath(`${field}.path`, path) : [required(`${field}.path`)])];
}

/** An empty name is not missing but malformed, for historical reasons. */
function validateKeyRef(field: string, reference: V1ConfigMapKeySelector): FieldError[] {
  const errors = invalidEach(`${field}.name`, reference.name ?? '', validateDns1123Subdomain(reference.name ?? ''));
  if (!reference.key) return [...errors, required(`${field}.key`)];
  return [...errors, ...invalidEach(`${field}.key`, reference.key, validateConfigMapKey(reference.key))];
}

/** A reference to a field of the pod itself; `allowed` depends on where the value goes. */
export function validateFieldRef(field: string, { apiVersion, fieldPath }: V1ObjectFieldSelector, allowed: readonly string[]): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  const malformed = (text: string): FieldError[] => [invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${text}`)];
  if (apiVersion !== 'v1') return malformed(`unsupported pod version: ${apiVersion}`);
  const subscripted = /^(.+?)\['(.*)'\]$/.exec(fieldPath);
  if (subscripted) {
    const [, path, key = ''] = subscripted;
    if (path !== 'metadata.labels' && path !== 'metadata.annotations') return malformed(`field label does not support subscript: ${fieldPath}`);
    return invalidEach(field, key, validateQualifiedName(path === 'metadata.annotations' ? key.toLowerCase() : key));
  }
  if (!CONVERTIBLE_FIELDS.has(fieldPath)) return malformed(`field label not supported: ${fieldPath}`);
  // The oldest clients call it so.
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  return allowed.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, allowed)];
}

const isKnownResource = (name: string): boolean => CONTAINER_RESOURCES.includes(name) || /^(limits|requests)\.hugepages-/.test(name);

/** A reference to a container's request or limit; a file must name the container. */
export function validateResourceFieldRef(field: string, { containerName, resource, divisor }: V1ResourceFieldSelector, inVolume: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && !containerName) errors.push(required(`${field}.containerName`));
  else if (!resource) errors.push(required(`${field}.resource`));
  else if (!isKnownResource(resource)) errors.push(notSupported(`${field}.resource`, resource, CONTAINER_RESOURCES));
  const amount = canonicalQuantity(divisor ?? '0');
  if (amount === '0' || !isKnownResource(resource ?? '')) return errors;
  const name = resource.slice(resource.indexOf('.') + 1);
  const divisors = name === 'cpu' ? CPU_DIVISORS : MEMORY_DIVISORS;
  if (divisors.includes(amount)) return errors;
  const list = name === 'cpu' ? '1m and 1' : MEMORY_DIVISORS.join(', ');
  const family = name.startsWith('hugepages-') ? 'hugepages' : name === 'ephemeral-storage' ? 'local ephemeral storage' : name;
  return [...errors, invalid(`${field}.divisor`, resource, `only divisor's values ${list} are supported with the ${family} resource`)];
}

export function validateEnvFrom(field: string, sources: readonly V1EnvFromSource[] | undefined): FieldError[] {
  if (!sources) return [];
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const path = `${field}[${index}]`;
    const errors = prefix ? invalidEach(`${path}.prefix`, prefix, validateEnvVarName(prefix)) : [];
    for (const [name, reference] of Object.entries({ configMapRef, secretRef })) if (reference) append(errors, validateSourceName(`${path}.${name}.name`, reference.name));
    if (!configMapRef && !secretRef) errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (configMapRef && secretRef) errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}

/** Read as the beginning of a name, which may end in a hyphen. */
function validateSourceName(field: string, name: string | undefined): FieldError[] {
  return name ? invalidEach(field, name, validateDns1123Subdomain(name.replace(/-$/, 'a'))) : [required(field)];
}
