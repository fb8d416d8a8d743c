import type { V1ConfigMapKeySelector, V1EnvFromSource, V1EnvVar, V1EnvVarSource, V1ObjectFieldSelector, V1ResourceFieldSelector } from '../../../generated/types.ts';
import { invalid, notSupported, required, type FieldError } from '../../../fieldError.ts';
import { canonicalQuantity } from '../../../values/quantity.ts';
import { invalidEach } from '../../../validation/fields.ts';
import { validateConfigMapKey, validateEnvVarName, validateQualifiedName } from '../../../validation/names.ts';

/** Fields of a pod that a variable may be taken from. */
const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];
/** Those that a file may be made of. */
export const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const CONVERTIBLE_FIELDS = new Set([...ENV_FIELDS, ...VOLUME_FIELDS, 'spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']);

const CONTAINER_RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];
const CPU_DIVISORS = ['1m', '1'];
const MEMORY_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

export function validateEnv(field: string, variables: readonly V1EnvVar[] | undefined): FieldError[] {
  if (!variables) return [];
  return variables.flatMap((variable, index) => {
    const path = `${field}[${index}]`;
    const errors = variable.name ? invalidEach(`${path}.name`, variable.name, validateEnvVarName(variable.name)) : [required(`${path}.name`)];
    if (variable.valueFrom) errors.push(...validateValueFrom(`${path}.valueFrom`, variable.value, variable.valueFrom));
    return errors;
  });
}

function validateValueFrom(field: string, value: string | undefined, source: V1EnvVarSource): FieldError[] {
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) errors.push(...validateFieldRef(`${field}.fieldRef`, fieldRef, ENV_FIELDS));
  if (resourceFieldRef) errors.push(...validateResourceFieldRef(`${field}.resourceFieldRef`, resourceFieldRef, false));
  if (configMapKeyRef) errors.push(...validateKeyRef(`${field}.configMapKeyRef`, configMapKeyRef));
  if (secretKeyRef) errors.push(...validateKeyRef(`${field}.secretKeyRef`, secretKeyRef));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) errors.push(invalid(field, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
  if (value) {
    if (sources !== 0) errors.push(invalid(field, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function validateKeyRef(field: string, reference: V1ConfigMapKeySelector): FieldError[] {
  const errors = reference.name ? [] : [required(`${field}.name`)];
  if (!reference.key) return [...errors, required(`${field}.key`)];
  return [...errors, ...invalidEach(`${field}.key`, reference.key, validateConfigMapKey(reference.key))];
}

/** A reference to a field of the pod itself; `allowed` depends on where the value goes. */
export function validateFieldRef(field: string, { apiVersion, fieldPath }: V1ObjectFieldSelector, allowed: readonly string[]): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  const subscripted = /^(.+)\['(.*)'\]$/.exec(fieldPath);
  const path = subscripted?.[1] ?? fieldPath;
  if (subscripted && path !== 'metadata.labels' && path !== 'metadata.annotations') {
    return [invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`)];
  }
  if (!CONVERTIBLE_FIELDS.has(path)) return [invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  if (subscripted) {
    const key = subscripted[2] ?? '';
    return invalidEach(field, key, validateQualifiedName(path === 'metadata.annotations' ? key.toLowerCase() : key));
  }
  return allowed.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, allowed)];
}

/** A reference to a container's request or limit; a file must name the container. */
export function validateResourceFieldRef(field: string, { containerName, resource, divisor }: V1ResourceFieldSelector, inVolume: boolean): FieldError[] {
  if (inVolume && !containerName) return [required(`${field}.containerName`)];
  if (!resource) return [required(`${field}.resource`)];
  const errors = CONTAINER_RESOURCES.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource) ? [] : [notSupported(`${field}.resource`, resource, CONTAINER_RESOURCES)];
  const amount = canonicalQuantity(divisor ?? '0');
  if (amount === '0') return errors;
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
    if (configMapRef && !configMapRef.name) errors.push(required(`${path}.configMapRef.name`));
    if (secretRef && !secretRef.name) errors.push(required(`${path}.secretRef.name`));
    if (!configMapRef && !secretRef) errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (configMapRef && secretRef) errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}
