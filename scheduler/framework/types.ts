import type { ClusterView } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';

/** Why a node, or the whole cluster, is no place for a pod. Built once per text where possible: cycles compare nothing but these. */
export interface Rejection {
  readonly plugin: string;
  /** Kubernetes' own texts, e.g. `Insufficient cpu`; they are counted over the nodes. */
  readonly reasons: readonly string[];
  /** False when removing pods from the node could make room (`Unschedulable`), true when it cannot (`UnschedulableAndUnresolvable`). */
  readonly unresolvable: boolean;
}

/** What can happen in a cluster that may let a pod be scheduled which could not be. */
export type ClusterEvent =
  | { readonly kind: 'NodeAdded'; readonly node: NodeInfo }
  | { readonly kind: 'NodeLabelsChanged' | 'NodeTaintsChanged' | 'NodeAllocatableChanged' | 'NodeFeaturesChanged'; readonly node: NodeInfo }
  | { readonly kind: 'PodAssigned' | 'PodLabelsChanged' | 'PodScaledDown' | 'PodDeleted'; readonly pod: PodInfo; readonly node: NodeInfo | undefined }
  | { readonly kind: 'NamespaceChanged' };

export type EventKind = ClusterEvent['kind'];

/** Says of one node why not; undefined: it may be. */
export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

/** The outcome of looking at a pod before any node: nothing to check, nowhere possible, or how to check one node (`only`: of these). */
export type PreFilterResult = { readonly skip: true } | { readonly rejection: Rejection } | { readonly filter: NodeFilter; readonly only?: ReadonlySet<string> };

export interface NodeScorer {
  /** More is better; any scale when `normalize` is there, else 0 to 100. */
  readonly score: (node: NodeInfo) => number;
  /** Brings the scores of all feasible nodes to 0..100, in place. */
  readonly normalize?: (scores: number[], nodes: readonly NodeInfo[]) => void;
}

/** One point of view on where pods belong, under Kubernetes' name for it. Everything in it is pure. */
export interface Plugin {
  readonly name: string;
  /** Holds a pod back before it is queued; the text says why. */
  preEnqueue?(pod: PodInfo): string | undefined;
  /** Which events may turn this plugin's rejection of a pod into an approval, */
  readonly events?: readonly EventKind[];
  /** and, of those events, whether this one may for this pod; absent: each may. */
  mayHelp?(pod: PodInfo, event: ClusterEvent): boolean;
  preFilter?(pod: PodInfo, view: ClusterView): PreFilterResult;
  /** `nodes` are those that passed all filters; undefined: nothing to say. */
  preScore?(pod: PodInfo, view: ClusterView, nodes: readonly NodeInfo[]): NodeScorer | undefined;
}

export const SKIP = { skip: true } as const;
export const MAXIMUM_SCORE = 100;

/** Scales scores so that the best has 100; `reverse` makes the lowest the best (`helper.DefaultNormalizeScore`). */
export function normalizeByMaximum(scores: number[], reverse: boolean): void {
  let most = 0;
  for (const score of scores) most = Math.max(most, score);
  for (let at = 0; at < scores.length; at += 1) {
    const scaled = most === 0 ? 0 : Math.floor((scores[at]! * MAXIMUM_SCORE) / most);
    scores[at] = reverse ? MAXIMUM_SCORE - scaled : scaled;
  }
}
