import { type AffinityTerm, termMatches } from '../cache/affinityTerm.ts';
import type { ClusterView } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { DomainCounts } from '../framework/domainCounts.ts';
import { MAXIMUM_SCORE, type Plugin, type Rejection, SKIP } from '../framework/types.ts';
import { ownField } from '../../api/values/ownField.ts';

const NAME = 'InterPodAffinity';

const AFFINITY: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true };
const ANTI_AFFINITY: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod anti-affinity rules"], unresolvable: false };
const EXISTING_ANTI_AFFINITY: Rejection = { plugin: NAME, reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], unresolvable: false };

export interface InterPodAffinityOptions {
  /** What the required affinity of running pods to the new one is worth, 0 to 100. */
  readonly hardPodAffinityWeight: number;
}

/** Brings pods near to, or keeps them away from, other pods; required terms of both sides filter, preferred ones score. */
export const interPodAffinity = (options: InterPodAffinityOptions = { hardPodAffinityWeight: 1 }): Plugin => ({
  name: NAME,
  events: ['NodeAdded', 'NodeLabelsChanged', 'PodAssigned', 'PodDeleted', 'PodLabelsChanged', 'NamespaceChanged'],
  preFilter(pod, view) {
    const rules = rulesFor(pod, view);
    return rules.existing.size === 0 && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0 ? SKIP : { filter: (node) => fits(rules, pod, node) };
  },
  preScore(pod, view) {
    const weights = weightsFor(pod, view, options.hardPodAffinityWeight);
    return weights.size === 0 ? undefined : { score: (node) => weights.sum(node.labels), normalize: spread };
  },
});

interface Rules {
  /** Domains that the anti-affinity of running pods closes to this pod. */
  readonly existing: DomainCounts;
  /** Pods that match all affinity terms, by the domain of each term. */
  readonly affinity: DomainCounts;
  readonly antiAffinity: DomainCounts;
  /** No pod anywhere matches, but this one does itself: the first of a group that wants to be together may start anywhere. */
  readonly first: boolean;
}

function rulesFor(pod: PodInfo, view: ClusterView): Rules {
  const existing = new DomainCounts();
  for (const { term, byNode } of view.existingTerms('requiredAntiAffinity')) {
    if (termMatches(term, pod, view.namespaceLabels)) existing.add(term.topologyKey, byNode, view);
  }
  const affinity = new DomainCounts();
  const { requiredAffinity, requiredAntiAffinity } = pod;
  if (requiredAffinity.length > 0) {
    const matching = view.countPods(`${NAME}|${requiredAffinity.map(({ id }) => id).join('&')}`, (each) => matchesAll(requiredAffinity, each, view));
    for (const term of requiredAffinity) affinity.add(term.topologyKey, matching, view);
  }
  const antiAffinity = new DomainCounts();
  for (const term of requiredAntiAffinity) antiAffinity.add(term.topologyKey, countMatching(term, view), view);
  return { existing, affinity, antiAffinity, first: affinity.size === 0 && matchesAll(requiredAffinity, pod, view) };
}

function fits({ existing, affinity, antiAffinity, first }: Rules, pod: PodInfo, { labels }: NodeInfo): Rejection | undefined {
  let near = true;
  for (const { topologyKey } of pod.requiredAffinity) {
    if (ownField(labels, topologyKey) === undefined) return AFFINITY;
    if (affinity.at(topologyKey, labels) <= 0) near = false;
  }
  if (!near && !first) return AFFINITY;
  if (pod.requiredAntiAffinity.some(({ topologyKey }) => antiAffinity.at(topologyKey, labels) > 0)) return ANTI_AFFINITY;
  return existing.size > 0 && existing.sum(labels) > 0 ? EXISTING_ANTI_AFFINITY : undefined;
}

function weightsFor(pod: PodInfo, view: ClusterView, hardWeight: number): DomainCounts {
  const weights = new DomainCounts();
  for (const { term, weight } of pod.preferredAffinity) weights.add(term.topologyKey, countMatching(term, view), view, weight);
  for (const { term, weight, byNode } of view.existingTerms('preferredAffinity')) {
    if (termMatches(term, pod, view.namespaceLabels)) weights.add(term.topologyKey, byNode, view, weight);
  }
  if (hardWeight > 0) {
    for (const { term, byNode } of view.existingTerms('requiredAffinity')) {
      if (termMatches(term, pod, view.namespaceLabels)) weights.add(term.topologyKey, byNode, view, hardWeight);
    }
  }
  return weights;
}

function countMatching(term: AffinityTerm, view: ClusterView): ReadonlyMap<string, number> {
  return view.countPods(`${NAME}|${term.id}`, (each) => termMatches(term, each, view.namespaceLabels));
}

function matchesAll(terms: readonly AffinityTerm[], pod: PodInfo, view: ClusterView): boolean {
  return terms.every((term) => termMatches(term, pod, view.namespaceLabels));
}

function spread(scores: number[]): void {
  let least = Infinity;
  let most = -Infinity;
  for (const score of scores) {
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  const range = most - least;
  for (let at = 0; at < scores.length; at += 1) scores[at] = range === 0 ? 0 : Math.floor((MAXIMUM_SCORE * (scores[at]! - least)) / range);
}
