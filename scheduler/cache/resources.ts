import type { V1PodSpec } from '../../api/generated/types.ts';
import { podRequests, type ResourceAmounts } from '../../api/values/podResources.ts';
import { milliValue, parseQuantity, quantityValue } from '../../api/values/quantity.ts';

/** Amounts as plain numbers, so that a cycle adds and compares them fast: CPU in thousandths, all else in whole units. */
export interface Resources {
  milliCPU: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources, huge pages and whatever else, by name. */
  readonly scalars: Map<string, number>;
}

/** What a container that asks for nothing is taken to need when nodes are scored (`schedutil.DefaultMilliCPURequest`, `DefaultMemoryRequest`). */
const DEFAULT_CPU = '100m';
const DEFAULT_MEMORY = '200Mi';

export const noResources = (): Resources => ({ milliCPU: 0, memory: 0, ephemeralStorage: 0, scalars: new Map() });

export function resourcesOf(amounts: ResourceAmounts): Resources {
  const result = noResources();
  for (const [name, amount] of amounts) {
    if (name === 'cpu') result.milliCPU = milliValue(amount);
    else if (name === 'memory') result.memory = quantityValue(amount);
    else if (name === 'ephemeral-storage') result.ephemeralStorage = quantityValue(amount);
    else if (name !== 'pods') result.scalars.set(name, quantityValue(amount));
  }
  return result;
}

/** Of a node's `allocatable`. */
export function resourcesOfTexts(texts: Readonly<Record<string, string>> | undefined): Resources {
  return resourcesOf(new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)])));
}

/** Adds in place; `sign` -1 subtracts. */
export function addResources(to: Resources, amount: Resources, sign: 1 | -1): void {
  to.milliCPU += sign * amount.milliCPU;
  to.memory += sign * amount.memory;
  to.ephemeralStorage += sign * amount.ephemeralStorage;
  for (const [name, value] of amount.scalars) to.scalars.set(name, (to.scalars.get(name) ?? 0) + sign * value);
}

/** A pod's requests, with the defaults for containers that ask for no CPU or memory: for scores only. */
export function scoringRequests(spec: V1PodSpec): { readonly milliCPU: number; readonly memory: number } {
  const withDefaults = <C extends { resources?: { requests?: Record<string, string> } }>(container: C): C => ({
    ...container,
    resources: { ...container.resources, requests: { cpu: DEFAULT_CPU, memory: DEFAULT_MEMORY, ...container.resources?.requests } },
  });
  const filled: V1PodSpec = { ...spec, containers: spec.containers.map(withDefaults) };
  if (spec.initContainers) filled.initContainers = spec.initContainers.map(withDefaults);
  const { milliCPU, memory } = resourcesOf(podRequests(filled));
  return { milliCPU, memory };
}
