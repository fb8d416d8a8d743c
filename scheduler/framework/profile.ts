import type { PodInfo } from '../cache/podInfo.ts';
import type { Plugin } from './types.ts';

export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

/** One scheduler by name: which plugins filter and score for the pods that ask for it. */
export interface Profile {
  readonly schedulerName: string;
  /** In the order in which they are asked. */
  readonly filters: readonly Plugin[];
  readonly scorers: readonly WeightedPlugin[];
  /** 0: adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly preemption: boolean;
}

/** Why a pod must not be queued yet, if so. */
export function heldBack(profile: Profile, pod: PodInfo): { readonly plugin: string; readonly message: string } | undefined {
  for (const plugin of profile.filters) {
    const message = plugin.preEnqueue?.(pod);
    if (message !== undefined) return { plugin: plugin.name, message };
  }
  return undefined;
}
