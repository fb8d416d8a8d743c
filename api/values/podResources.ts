import type { V1Container, V1PodSpec } from '../generated/types.ts';
import { ZERO_QUANTITY, addQuantities, maxQuantity, quantityOf, quantityOrZero, type Quantity } from './quantity.ts';

/** Amounts by resource name, e.g. `cpu`, `memory`, `pods`. */
export type ResourceAmounts = Map<string, Quantity>;

type ResourceTexts = Readonly<Record<string, string>> | undefined;

/** What a pod asks of a node: regular containers and sidecars together, or the largest moment of its start, plus overhead (`resource.PodRequests`). */
export function podRequests(spec: V1PodSpec): ResourceAmounts {
  return withPodLevel(aggregate(spec, (each) => each.resources?.requests), spec.resources?.requests, spec.overhead);
}

/** What a pod may use at most; a resource that some container does not limit is still summed over the others, as Kubernetes does. */
export function podLimits(spec: V1PodSpec): ResourceAmounts {
  const limits = withPodLevel(aggregate(spec, (each) => each.resources?.limits), spec.resources?.limits, undefined);
  // Overhead raises limits that exist and makes none.
  for (const [name, text] of Object.entries(spec.overhead ?? {})) {
    const limit = limits.get(name);
    if (limit && limit.nanos !== 0n) limits.set(name, addQuantities(limit, quantityOrZero(text)));
  }
  return limits;
}

/** A sidecar is an init container that goes on: `restartPolicy: Always`. */
export const isSidecar = (container: V1Container): boolean => container.restartPolicy === 'Always';

function aggregate(spec: V1PodSpec, of: (container: V1Container) => ResourceTexts): ResourceAmounts {
  const total: ResourceAmounts = new Map();
  for (const container of spec.containers ?? []) addAll(total, of(container));
  const sidecars: ResourceAmounts = new Map();
  const peak: ResourceAmounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const wants = of(container);
    if (isSidecar(container)) {
      addAll(total, wants);
      addAll(sidecars, wants);
      raise(peak, sidecars);
    } else {
      // An ordinary init container runs beside the sidecars that were started before it.
      const moment = new Map(sidecars);
      addAll(moment, wants);
      raise(peak, moment);
    }
  }
  raise(total, peak);
  return total;
}

function withPodLevel(amounts: ResourceAmounts, podLevel: ResourceTexts, overhead: ResourceTexts): ResourceAmounts {
  for (const [name, text] of Object.entries(podLevel ?? {})) amounts.set(name, quantityOrZero(text));
  addAll(amounts, overhead);
  return amounts;
}

function addAll(amounts: ResourceAmounts, texts: ResourceTexts): void {
  for (const name in texts) amounts.set(name, addQuantities(amounts.get(name) ?? ZERO_QUANTITY, quantityOrZero(texts[name])));
}

function raise(amounts: ResourceAmounts, others: ResourceAmounts): void {
  for (const [name, amount] of others) amounts.set(name, maxQuantity(amounts.get(name) ?? quantityOf(0, amount.format), amount));
}
