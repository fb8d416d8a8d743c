import { type ClusterView } from './cache/clusterView.ts';
import type { NodeInfo } from './cache/nodeInfo.ts';
import type { PodInfo } from './cache/podInfo.ts';
import type { Diagnosis } from './fitError.ts';
import { fitsOn, type Nominations, prepareFilters, runFilters, withNominated } from './framework/filterRun.ts';
import type { Profile } from './framework/profile.ts';
import type { NodeFilter, Rejection } from './framework/types.ts';

export interface Search {
  readonly view: ClusterView;
  readonly profile: Profile;
  readonly nominations: Nominations;
  /** Where in the nodes to begin, so that not always the first ones are looked at. */
  readonly start: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

export type Decision =
  | { readonly kind: 'Fits'; readonly node: string; readonly evaluated: number; readonly feasible: number }
  | { readonly kind: 'FitsNowhere'; readonly diagnosis: Diagnosis; readonly evaluated: number };

/** Fewer nodes than this are all looked at. */
const MINIMUM_FEASIBLE = 100;

/** How many feasible nodes are enough (`numFeasibleNodesToFind`): all of few, a share of many, down to 5 % of very many. */
export function enoughNodes(nodes: number, percentage: number): number {
  if (nodes < MINIMUM_FEASIBLE) return nodes;
  const share = percentage > 0 ? percentage : Math.max(5, 50 - Math.floor(nodes / 125));
  return Math.min(nodes, Math.max(MINIMUM_FEASIBLE, Math.floor((nodes * share) / 100)));
}

/** The scheduling of one pod: filter the nodes, score those that remain, take the best. Changes nothing. */
export function findNode(pod: PodInfo, search: Search): Decision {
  const { view, profile } = search;
  const prepared = prepareFilters(pod, view, profile);
  const nodeCount = view.nodes.length;
  if ('rejection' in prepared) return { kind: 'FitsNowhere', diagnosis: { nodeCount, byNode: new Map(), everywhere: prepared.rejection }, evaluated: 0 };
  const check = (node: NodeInfo): Rejection | undefined => filterNode(pod, node, prepared.filters, search);
  const nominated = view.node(pod.pod.status?.nominatedNodeName ?? '');
  if (nominated && (prepared.only?.has(nominated.name) ?? true) && !check(nominated)) return { kind: 'Fits', node: nominated.name, evaluated: 1, feasible: 1 };

  const { feasible, rejected } = filterNodes(candidates(view, prepared.only), check, search);
  const evaluated = feasible.length + rejected.size;
  if (feasible.length === 0) {
    const others = prepared.only && { plugin: prepared.onlyBy.join(','), reasons: [`node(s) didn't satisfy plugin(s) [${prepared.onlyBy.toSorted().join(' ')}]`], unresolvable: true };
    return { kind: 'FitsNowhere', diagnosis: { nodeCount, byNode: rejected, ...(others ? { others } : {}) }, evaluated };
  }
  const node = feasible.length === 1 ? feasible[0]! : best(feasible, scoreNodes(pod, feasible, search), search.random);
  return { kind: 'Fits', node: node.name, evaluated, feasible: feasible.length };
}

function candidates(view: ClusterView, only: ReadonlySet<string> | undefined): readonly NodeInfo[] {
  return only ? [...only].map((name) => view.node(name)).filter((node) => node !== undefined) : view.nodes;
}

function filterNodes(nodes: readonly NodeInfo[], check: NodeFilter, { profile, start }: Search): { feasible: NodeInfo[]; rejected: Map<string, Rejection> } {
  const enough = enoughNodes(nodes.length, profile.percentageOfNodesToScore);
  const feasible: NodeInfo[] = [];
  const rejected = new Map<string, Rejection>();
  for (let step = 0; step < nodes.length && feasible.length < enough; step += 1) {
    const node = nodes[(start + step) % nodes.length]!;
    const rejection = check(node);
    if (rejection) rejected.set(node.name, rejection);
    else feasible.push(node);
  }
  return { feasible, rejected };
}

/** A node must do with the pods that were promised it, and without them: they may help (affinity) or hinder. */
function filterNode(pod: PodInfo, node: NodeInfo, filters: readonly NodeFilter[], { view, profile, nominations }: Search): Rejection | undefined {
  const later = withNominated(pod, node, nominations);
  return (later && fitsOn(pod, later, view, profile)) ?? runFilters(filters, node);
}

function scoreNodes(pod: PodInfo, nodes: readonly NodeInfo[], { view, profile }: Search): readonly number[] {
  const totals = nodes.map(() => 0);
  for (const { plugin, weight } of profile.scorers) {
    const scorer = plugin.preScore?.(pod, view, nodes);
    if (!scorer) continue;
    const scores = nodes.map(scorer.score);
    scorer.normalize?.(scores, nodes);
    for (let at = 0; at < totals.length; at += 1) totals[at]! += scores[at]! * weight;
  }
  return totals;
}

/** One of those with the highest score, each as likely as the other. */
function best(nodes: readonly NodeInfo[], scores: readonly number[], random: () => number): NodeInfo {
  let chosen = 0;
  let equals = 1;
  for (let at = 1; at < nodes.length; at += 1) {
    if (scores[at]! > scores[chosen]!) {
      chosen = at;
      equals = 1;
    } else if (scores[at] === scores[chosen]) {
      equals += 1;
      if (random() * equals < 1) chosen = at;
    }
  }
  return nodes[chosen]!;
}
