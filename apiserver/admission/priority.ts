import { forbiddenError } from '../../api/apiError.ts';
import type { V1Pod, V1PriorityClass } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { objectKey, resourcePrefix, type Storage, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const PODS = { group: '', resource: 'pods' };
const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', resource: 'priorityclasses' };

/** Turns a pod's priority class into its number; pods without one get the global default's, or 0. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #cache: WatchCache;
  readonly #storage: Storage;

  constructor(cache: WatchCache, storage: Storage) {
    this.#cache = cache;
    this.#storage = storage;
  }

  async admit({ operation, definition, subresource, object, previous, name }: AdmissionAttributes): Promise<void> {
    if (definition.group !== '' || definition.plural !== 'pods' || subresource !== '' || object === undefined) return;
    const pod = object as IncomingObject<V1Pod>;
    if (pod.spec === undefined) return;
    if (operation === 'UPDATE') {
      const before = (previous as V1Pod | undefined)?.spec;
      pod.spec.priority ??= before?.priority ?? 0;
      if (before?.preemptionPolicy !== undefined) pod.spec.preemptionPolicy ??= before.preemptionPolicy;
      return;
    }
    if (operation !== 'CREATE') return;
    const found = pod.spec.priorityClassName ? await this.#named(pod.spec.priorityClassName, name) : this.#globalDefault();
    const value = found?.value ?? 0;
    if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
      throw forbiddenError(PODS, name, `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`);
    }
    const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
    if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy) {
      throw forbiddenError(PODS, name, `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
    }
    if (found && !pod.spec.priorityClassName) pod.spec.priorityClassName = found.metadata.name;
    pod.spec.priority = value;
    pod.spec.preemptionPolicy = policy;
  }

  /** Only one class can be what pods without one get. */
  async validate({ operation, definition, object, name }: AdmissionAttributes): Promise<void> {
    if (definition.group !== PRIORITY_CLASSES.group || definition.plural !== PRIORITY_CLASSES.resource || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const wanted: IncomingObject<V1PriorityClass> | undefined = object;
    if (!wanted?.globalDefault) return;
    const other = this.#globalDefault();
    if (other && other.metadata.name !== name) throw forbiddenError(PRIORITY_CLASSES, name, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
  }

  async #named(className: string, podName: string): Promise<V1PriorityClass> {
    const key = objectKey(PRIORITY_CLASSES, '', className);
    const found = (this.#cache.get(key) ?? (await this.#storage.get(key)))?.object;
    if (found === undefined) throw forbiddenError(PODS, podName, `no PriorityClass with name ${className} was found`);
    return found;
  }

  /** Of several that call themselves so, the lowest counts. */
  #globalDefault(): V1PriorityClass | undefined {
    const defaults = this.#cache.list(resourcePrefix(PRIORITY_CLASSES)).map((stored) => stored.object as V1PriorityClass).filter((each) => each.globalDefault);
    return defaults.sort((left, right) => (left.value ?? 0) - (right.value ?? 0))[0];
  }
}
