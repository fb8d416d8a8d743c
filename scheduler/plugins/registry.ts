import type { V1TopologySpreadConstraint } from '../../api/generated/types.ts';
import type { Profile } from '../framework/profile.ts';
import type { Plugin } from '../framework/types.ts';
import { imageLocality } from './imageLocality.ts';
import { interPodAffinity } from './interPodAffinity.ts';
import { nodeAffinity } from './nodeAffinity.ts';
import { nodeDeclaredFeatures } from './nodeDeclaredFeatures.ts';
import { nodeName } from './nodeName.ts';
import { nodePorts } from './nodePorts.ts';
import { nodeResourcesBalancedAllocation } from './nodeResourcesBalancedAllocation.ts';
import { DEFAULT_STRATEGY, nodeResourcesFit, type ScoringStrategy } from './nodeResourcesFit.ts';
import { nodeUnschedulable } from './nodeUnschedulable.ts';
import { podTopologySpread, type PodTopologySpreadOptions, SYSTEM_DEFAULTS } from './podTopologySpread.ts';
import { schedulingGates } from './schedulingGates.ts';
import { taintToleration } from './taintToleration.ts';

/** The part of a profile's configuration that plugins read. */
export interface PluginSettings {
  readonly scoringStrategy?: ScoringStrategy;
  readonly hardPodAffinityWeight?: number;
  /** Absent: Kubernetes' own. */
  readonly defaultConstraints?: readonly V1TopologySpreadConstraint[];
  readonly siblings: PodTopologySpreadOptions['siblings'];
}

export interface ProfileSettings extends PluginSettings {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  /** Names that are off at all points, at filtering, at scoring; `*`: all. */
  readonly disabled: { readonly multiPoint: ReadonlySet<string>; readonly filter: ReadonlySet<string>; readonly score: ReadonlySet<string> };
  /** Other weights than the default ones, by plugin. */
  readonly weights: Readonly<Record<string, number>>;
}

export const PREEMPTION = 'DefaultPreemption';

/** Kubernetes' default weights. */
const WEIGHTS: Readonly<Record<string, number>> = {
  TaintToleration: 3,
  NodeAffinity: 2,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  NodeResourcesFit: 1,
  NodeResourcesBalancedAllocation: 1,
  ImageLocality: 1,
};

/** All plugins, in the order of Kubernetes' default profile. */
export function allPlugins(settings: PluginSettings): readonly Plugin[] {
  return [
    schedulingGates,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit(settings.scoringStrategy ?? DEFAULT_STRATEGY),
    podTopologySpread({ defaults: settings.defaultConstraints ?? SYSTEM_DEFAULTS, systemDefaulted: settings.defaultConstraints === undefined, siblings: settings.siblings }),
    interPodAffinity({ hardPodAffinityWeight: settings.hardPodAffinityWeight ?? 1 }),
    nodeResourcesBalancedAllocation,
    imageLocality,
    nodeDeclaredFeatures,
  ];
}

/** The names that a configuration may use. */
export const PLUGIN_NAMES: ReadonlySet<string> = new Set([...allPlugins({ siblings: () => undefined }).map(({ name }) => name), PREEMPTION, 'PrioritySort', 'DefaultBinder']);

/** A profile of the plugins that are on. */
export function buildProfile(settings: ProfileSettings): Profile {
  const isOn = (name: string, point: 'filter' | 'score'): boolean => [settings.disabled.multiPoint, settings.disabled[point]].every((off) => !off.has(name) && !off.has('*'));
  const plugins = allPlugins(settings);
  return {
    schedulerName: settings.schedulerName,
    percentageOfNodesToScore: settings.percentageOfNodesToScore,
    filters: plugins.filter((plugin) => ('preFilter' in plugin || 'preEnqueue' in plugin) && isOn(plugin.name, 'filter')),
    scorers: plugins.filter((plugin) => 'preScore' in plugin && isOn(plugin.name, 'score')).map((plugin) => ({ plugin, weight: settings.weights[plugin.name] ?? WEIGHTS[plugin.name] ?? 1 })),
    preemption: isOn(PREEMPTION, 'filter'),
  };
}
