import type { V1Pod, V1PodSpec, V1RuntimeClass } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { sameQuantity } from '../../api/values/quantity.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import { mergeTolerations } from './tolerations.ts';
import { ownField } from '../../api/values/ownField.ts';
import type { StoredObjects } from './storedObjects.ts';

const CLASSES = { group: 'node.k8s.io', resource: 'runtimeclasses' };

/** Gives a pod the overhead of its runtime class and sends it to the nodes that have the class. */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const spec = newPodSpec(attributes);
    const found = spec && (await this.#judged(attributes, spec, (each) => whyNotRuntimeClass(spec, each)));
    if (found) applyRuntimeClass(spec, found);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const spec = newPodSpec(attributes);
    if (spec) await this.#judged(attributes, spec, (found) => whyNotOverhead(spec, found));
  }

  /** The class of the pod, if it has one; throws where there is none of that name, and for what `whyNot` says. */
  async #judged(attributes: AdmissionAttributes, { runtimeClassName }: V1PodSpec, whyNot: (found: V1RuntimeClass | undefined) => string | undefined): Promise<V1RuntimeClass | undefined> {
    const { why, object } =
      runtimeClassName === undefined
        ? { why: whyNot(undefined), object: undefined }
        : await this.#objects.judge(objectKey(CLASSES, '', runtimeClassName), (found: V1RuntimeClass | undefined) => (found ? whyNot(found) : `pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`));
    if (why !== undefined) throw refusal(attributes, why);
    return object;
  }
}

function newPodSpec({ operation, definition, subresource, object }: AdmissionAttributes): V1PodSpec | undefined {
  return operation === 'CREATE' && definition.group === '' && definition.plural === 'pods' && subresource === '' ? (object as IncomingObject<V1Pod>).spec : undefined;
}

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Why a pod cannot be of the class; undefined where it can, or has none. */
export function whyNotRuntimeClass(spec: V1PodSpec, found: V1RuntimeClass | undefined): string | undefined {
  const { overhead, scheduling } = found ?? {};
  if (overhead && spec.overhead !== undefined && !isSame(spec.overhead, overhead.podFixed)) return MISMATCH;
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const own = ownField(spec.nodeSelector, key);
    if (own !== undefined && own !== value) return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
  }
  return undefined;
}

/** Puts overhead and scheduling of the class into a pod that may be of it, in place. */
export function applyRuntimeClass(spec: V1PodSpec, { overhead, scheduling }: V1RuntimeClass): void {
  if (overhead?.podFixed) spec.overhead = { ...overhead.podFixed };
  if (scheduling?.nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...scheduling.nodeSelector };
  if (scheduling?.tolerations) spec.tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations);
}

function whyNotOverhead({ overhead }: V1PodSpec, found: V1RuntimeClass | undefined): string | undefined {
  if (found?.overhead) return isSame(overhead, found.overhead.podFixed) ? undefined : MISMATCH;
  return overhead === undefined ? undefined : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
}

function isSame(left: Readonly<Record<string, string>> = {}, right: Readonly<Record<string, string>> = {}): boolean {
  return Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([name, amount]) => Object.hasOwn(right, name) && sameQuantity(amount, right[name]!));
}
