import type { V1Pod, V1PodSpec, V1PriorityClass } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { objectKey, resourcePrefix } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', resource: 'priorityclasses' };

/** Turns a pod's priority class into its number; pods without one get the global default's, or 0. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, object, previous } = attributes;
    if (definition.group !== '' || definition.plural !== 'pods' || subresource !== '' || object === undefined) return;
    const pod = object as IncomingObject<V1Pod>;
    if (pod.spec === undefined) return;
    if (operation === 'UPDATE') {
      const before = (previous as V1Pod | undefined)?.spec;
      if (before?.priority !== undefined) pod.spec.priority ??= before.priority;
      if (before?.preemptionPolicy !== undefined) pod.spec.preemptionPolicy ??= before.preemptionPolicy;
      return;
    }
    if (operation !== 'CREATE') return;
    const found = await this.#judged(attributes, pod.spec);
    if (found && !pod.spec.priorityClassName) pod.spec.priorityClassName = found.metadata.name;
    pod.spec.priority = found?.value ?? 0;
    pod.spec.preemptionPolicy = policyOf(found);
  }

  /** Only one class can be what pods without one get. */
  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, object, name } = attributes;
    if (definition.group !== PRIORITY_CLASSES.group || definition.plural !== PRIORITY_CLASSES.resource || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const wanted: IncomingObject<V1PriorityClass> | undefined = object;
    if (!wanted?.globalDefault) return;
    const other = this.#globalDefault();
    if (!other || (operation === 'UPDATE' && other.metadata.name === name)) return;
    const { why } = await this.#objects.judge(keyOf(other.metadata.name), (stored: V1PriorityClass | undefined) => (stored?.globalDefault ? `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist` : undefined));
    if (why !== undefined) throw refusal(attributes, why);
  }

  /** The class that a new pod names, or gets; undefined where it names none and there is no default. Throws for a pod that says otherwise. */
  async #judged(attributes: AdmissionAttributes, spec: V1PodSpec): Promise<V1PriorityClass | undefined> {
    const className = spec.priorityClassName || this.#globalDefault()?.metadata.name;
    const whyNot = (found: V1PriorityClass | undefined): string | undefined => (spec.priorityClassName && !found ? `no PriorityClass with name ${spec.priorityClassName} was found` : whyNotPriority(spec, found));
    const { why, object } = className ? await this.#objects.judge(keyOf(className), whyNot) : { why: whyNot(undefined), object: undefined };
    if (why !== undefined) throw refusal(attributes, why);
    return object;
  }

  /** Of several that call themselves so, the lowest counts. */
  #globalDefault(): V1PriorityClass | undefined {
    const defaults = this.#objects.list(resourcePrefix(PRIORITY_CLASSES)).map((stored) => stored.object as V1PriorityClass).filter((each) => each.globalDefault);
    return defaults.sort((left, right) => (left.value ?? 0) - (right.value ?? 0))[0];
  }
}

const keyOf = (className: string): string => objectKey(PRIORITY_CLASSES, '', className);
const policyOf = (found: V1PriorityClass | undefined): string => found?.preemptionPolicy ?? 'PreemptLowerPriority';

/** Why a pod cannot be of the class: it says itself what the class is there to say. */
function whyNotPriority(spec: V1PodSpec, found: V1PriorityClass | undefined): string | undefined {
  const value = found?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== value) {
    return `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
  }
  const policy = policyOf(found);
  if (spec.preemptionPolicy === undefined || spec.preemptionPolicy === policy) return undefined;
  return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
}
