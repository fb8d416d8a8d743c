import type { V1ConfigMap, V1Container, V1EnvVar, V1Pod, V1Secret, V1Service } from '../../api/generated/types.ts';
import { specOf } from '../podContainers.ts';
import { fieldValue, type NodeAllocatable, type PodAddresses, resourceValue } from './downwardAPI.ts';
import { expand } from './expansion.ts';
import { serviceEnv } from './serviceEnv.ts';
import { ownField } from '../../api/values/ownField.ts';

/** A container's configuration that cannot be had: its reason in the status is `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {}

/** ConfigMaps and Secrets of the API; undefined where there is none of that name. What a pod has once asked for is watched until it is gone. */
export interface ConfigObjects {
  /** @param fresh the pod must see what was written before it began; what it has read before is as the watch has it */
  configMap(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1ConfigMap | undefined>;
  secret(podUid: string, namespace: string, name: string, fresh: boolean): Promise<V1Secret | undefined>;
}

export interface EnvSources {
  readonly objects: ConfigObjects;
  readonly services: readonly V1Service[];
  readonly addresses: PodAddresses;
  readonly allocatable: NodeAllocatable;
}

/** A container's environment from every source, later ones before earlier ones (`makeEnvironmentVariables`). */
export async function containerEnv(pod: V1Pod, container: V1Container, sources: EnvSources): Promise<ReadonlyMap<string, string>> {
  const services = serviceEnv(sources.services, pod.metadata.namespace, specOf(pod).enableServiceLinks ?? true);
  const env = await fromSources(pod, container, sources.objects);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await valueFrom(pod, container, variable, sources) : expand(variable.value ?? '', (name) => env.get(name) ?? services.get(name));
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of services) if (!env.has(name)) env.set(name, value);
  return env;
}

async function fromSources(pod: V1Pod, container: V1Container, objects: ConfigObjects): Promise<Map<string, string>> {
  const env = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? '';
    if (source.configMapRef?.name) {
      const found = await objects.configMap(pod.metadata.uid, pod.metadata.namespace, source.configMapRef.name, true);
      if (!found && !source.configMapRef.optional) throw new ContainerConfigError(`configmap "${source.configMapRef.name}" not found`);
      for (const [key, value] of Object.entries(found?.data ?? {})) env.set(prefix + key, value);
    }
    if (source.secretRef?.name) {
      const found = await objects.secret(pod.metadata.uid, pod.metadata.namespace, source.secretRef.name, true);
      if (!found && !source.secretRef.optional) throw new ContainerConfigError(`secret "${source.secretRef.name}" not found`);
      for (const [key, value] of Object.entries(found?.data ?? {})) env.set(prefix + key, decode(value));
    }
  }
  return env;
}

async function valueFrom(pod: V1Pod, container: V1Container, variable: V1EnvVar, sources: EnvSources): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  const { namespace, uid } = pod.metadata;
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, sources.addresses);
  if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef, sources.allocatable);
  if (configMapKeyRef) {
    const { name = '', key, optional = false } = configMapKeyRef;
    const found = await sources.objects.configMap(uid, namespace, name, true);
    const value = ownField(found?.data, key);
    if (value !== undefined || optional) return value;
    throw new ContainerConfigError(found ? `couldn't find key ${key} in ConfigMap ${namespace}/${name}` : `configmap "${name}" not found`);
  }
  if (secretKeyRef) {
    const { name = '', key, optional = false } = secretKeyRef;
    const found = await sources.objects.secret(uid, namespace, name, true);
    const value = ownField(found?.data, key);
    if (value !== undefined) return decode(value);
    if (optional) return undefined;
    throw new ContainerConfigError(found ? `couldn't find key ${key} in Secret ${namespace}/${name}` : `secret "${name}" not found`);
  }
  return '';
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
