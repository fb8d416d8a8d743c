import type { V1Pod, V1PodSpec, V1RuntimeClass } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { sameQuantity } from '../../api/values/quantity.ts';
import { objectKey, type Storage, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import { mergeTolerations } from './tolerations.ts';

const CLASSES = { group: 'node.k8s.io', resource: 'runtimeclasses' };

/** Gives a pod the overhead of its runtime class and sends it to the nodes that have the class. */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass';
  readonly #cache: WatchCache;
  readonly #storage: Storage;

  constructor(cache: WatchCache, storage: Storage) {
    this.#cache = cache;
    this.#storage = storage;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const spec = newPodSpec(attributes);
    const found = spec && (await this.#classOf(attributes, spec));
    if (!found) return;
    const why = applyRuntimeClass(spec, found);
    if (why !== undefined) throw refusal(attributes, why);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const spec = newPodSpec(attributes);
    const why = spec && whyNotOverhead(spec, await this.#classOf(attributes, spec));
    if (why !== undefined) throw refusal(attributes, why);
  }

  async #classOf(attributes: AdmissionAttributes, { runtimeClassName }: V1PodSpec): Promise<V1RuntimeClass | undefined> {
    if (runtimeClassName === undefined) return undefined;
    const key = objectKey(CLASSES, '', runtimeClassName);
    const found = (this.#cache.get(key) ?? (await this.#storage.get(key)))?.object;
    if (!found) throw refusal(attributes, `pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`);
    return found as V1RuntimeClass;
  }
}

function newPodSpec({ operation, definition, subresource, object }: AdmissionAttributes): V1PodSpec | undefined {
  return operation === 'CREATE' && definition.group === '' && definition.plural === 'pods' && subresource === '' ? (object as IncomingObject<V1Pod>).spec : undefined;
}

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Puts overhead and scheduling of the class into a pod, in place; returns why that cannot be done. */
export function applyRuntimeClass(spec: V1PodSpec, { overhead, scheduling }: V1RuntimeClass): string | undefined {
  if (overhead) {
    if (spec.overhead !== undefined && !isSame(spec.overhead, overhead.podFixed)) return MISMATCH;
    if (overhead.podFixed) spec.overhead = { ...overhead.podFixed };
  }
  if (!scheduling) return undefined;
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
  }
  if (scheduling.nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...scheduling.nodeSelector };
  if (scheduling.tolerations) spec.tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations);
  return undefined;
}

function whyNotOverhead({ overhead }: V1PodSpec, found: V1RuntimeClass | undefined): string | undefined {
  if (found?.overhead) return isSame(overhead, found.overhead.podFixed) ? undefined : MISMATCH;
  return overhead === undefined ? undefined : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
}

function isSame(left: Readonly<Record<string, string>> = {}, right: Readonly<Record<string, string>> = {}): boolean {
  return Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([name, amount]) => right[name] !== undefined && sameQuantity(amount, right[name]));
}
