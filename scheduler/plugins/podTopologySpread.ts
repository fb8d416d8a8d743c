import type { V1TopologySpreadConstraint } from '../../api/generated/types.ts';
import { type LabelSelector, matchesLabels, selectorOf } from '../../api/values/labelSelector.ts';
import { untoleratedTaint } from '../../api/values/taints.ts';
import { LABEL_HOSTNAME, LABEL_ZONE } from '../../api/wellKnown.ts';
import type { ClusterView } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { requiredNodeAffinity, type RequiredNodeAffinity, satisfies } from '../../api/values/nodeAffinity.ts';
import { MAXIMUM_SCORE, type NodeScorer, type Plugin, type Rejection, SKIP } from '../framework/types.ts';
import { ownField } from '../../api/values/ownField.ts';

const NAME = 'PodTopologySpread';

const SKEWED: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod topology spread constraints"], unresolvable: false };
const UNLABELLED: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"], unresolvable: true };

/** Kubernetes' built-in constraints for pods that bring none. */
export const SYSTEM_DEFAULTS: readonly V1TopologySpreadConstraint[] = [
  { topologyKey: LABEL_HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: LABEL_ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

export interface PodTopologySpreadOptions {
  readonly defaults: readonly V1TopologySpreadConstraint[];
  /** With Kubernetes' own defaults, a node need not have all of their labels. */
  readonly systemDefaulted: boolean;
  /** Selects the pod's siblings, by the Services and the controller that it belongs to; undefined when there are none. */
  readonly siblings: (pod: PodInfo) => LabelSelector | undefined;
}

/** Spreads pods over zones, hosts or whatever labels say: DoNotSchedule constraints filter, ScheduleAnyway ones score. */
export const podTopologySpread = (options: PodTopologySpreadOptions): Plugin => ({
  name: NAME,
  events: ['NodeAdded', 'NodeLabelsChanged', 'NodeTaintsChanged', 'PodAssigned', 'PodDeleted', 'PodLabelsChanged'],
  mayHelp: (pod, event) => !('pod' in event) || event.pod.namespace === pod.namespace,
  preFilter(pod, view) {
    const constraints = constraintsOf(pod, 'DoNotSchedule', options);
    if (constraints.length === 0) return SKIP;
    const counted = countDomains(constraints, pod, view);
    return { filter: (node) => checkSkew(counted, node) };
  },
  preScore(pod, view, nodes) {
    const constraints = constraintsOf(pod, 'ScheduleAnyway', options);
    const requireAll = (pod.spec.topologySpreadConstraints ?? []).length > 0 || !options.systemDefaulted;
    return constraints.length === 0 ? undefined : spreadScorer(constraints, pod, view, nodes, requireAll);
  },
});

interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  /** The same for constraints that count the same pods. */
  readonly id: string;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

function constraintsOf(pod: PodInfo, action: string, options: PodTopologySpreadOptions): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) return own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action).map((each) => constraint(each, ownSelector(each, pod), pod));
  const defaults = options.defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  const siblings = defaults.length === 0 ? undefined : options.siblings(pod);
  return siblings ? defaults.map((each) => constraint(each, siblings, pod)) : [];
}

/** `matchLabelKeys` narrow the selector to the pod's own values of these labels. */
function ownSelector({ labelSelector, matchLabelKeys = [] }: V1TopologySpreadConstraint, { labels }: PodInfo): LabelSelector {
  const selector = selectorOf(labelSelector);
  const extra = matchLabelKeys.flatMap((key) => (Object.hasOwn(labels, key) ? [{ key, operator: 'in' as const, values: [labels[key]!] }] : []));
  return extra.length === 0 ? selector : { ...selector, requirements: [...selector.requirements, ...extra] };
}

function constraint(from: V1TopologySpreadConstraint, selector: LabelSelector, { namespace }: PodInfo): Constraint {
  return {
    topologyKey: from.topologyKey,
    maxSkew: from.maxSkew,
    minDomains: from.minDomains ?? 1,
    selector,
    id: `${NAME}|${namespace}|${JSON.stringify(selector)}`,
    honorAffinity: from.nodeAffinityPolicy !== 'Ignore',
    honorTaints: from.nodeTaintsPolicy === 'Honor',
  };
}

/** Pods that are being deleted no longer count. */
function countPods({ id, selector }: Constraint, { namespace }: PodInfo, view: ClusterView): ReadonlyMap<string, number> {
  return view.countPods(id, (each) => each.namespace === namespace && each.pod.metadata.deletionTimestamp === undefined && matchesLabels(selector, each.labels));
}

function isCounted({ honorAffinity, honorTaints }: Constraint, pod: PodInfo, affinity: RequiredNodeAffinity, node: NodeInfo): boolean {
  if (honorAffinity && !satisfies(affinity, node)) return false;
  return !honorTaints || untoleratedTaint(node.taints, pod.tolerations, ['NoSchedule', 'NoExecute']) === undefined;
}

interface CountedConstraint {
  readonly constraint: Constraint;
  /** Pods by the domain's name. */
  readonly domains: ReadonlyMap<string, number>;
  readonly least: number;
  readonly self: 0 | 1;
}

function countDomains(constraints: readonly Constraint[], pod: PodInfo, view: ClusterView): readonly CountedConstraint[] {
  const affinity = requiredNodeAffinity(pod.spec);
  const eligible = view.nodes.filter(({ labels }) => constraints.every(({ topologyKey }) => ownField(labels, topologyKey) !== undefined));
  return constraints.map((each) => {
    const counts = countPods(each, pod, view);
    const domains = new Map<string, number>();
    for (const node of eligible) {
      if (!isCounted(each, pod, affinity, node)) continue;
      const domain = ownField(node.labels, each.topologyKey)!;
      domains.set(domain, (domains.get(domain) ?? 0) + (counts.get(node.name) ?? 0));
    }
    let least = domains.size < each.minDomains || domains.size === 0 ? 0 : Infinity;
    for (const count of domains.values()) least = Math.min(least, count);
    return { constraint: each, domains, least, self: matchesLabels(each.selector, pod.labels) ? 1 : 0 };
  });
}

function checkSkew(counted: readonly CountedConstraint[], { labels }: NodeInfo): Rejection | undefined {
  for (const { constraint, domains, least, self } of counted) {
    const domain = ownField(labels, constraint.topologyKey);
    if (domain === undefined) return UNLABELLED;
    if ((domains.get(domain) ?? 0) + self - least > constraint.maxSkew) return SKEWED;
  }
  return undefined;
}

const IGNORED = -1;

/** Fewer siblings in the node's domains are better; domains of which there are many weigh more (`podtopologyspread/scoring.go`). */
function spreadScorer(constraints: readonly Constraint[], pod: PodInfo, view: ClusterView, nodes: readonly NodeInfo[], requireAll: boolean): NodeScorer {
  const takesPart = ({ labels }: NodeInfo): boolean => !requireAll || constraints.every(({ topologyKey }) => ownField(labels, topologyKey) !== undefined);
  const affinity = requiredNodeAffinity(pod.spec);
  const participants = nodes.filter(takesPart);
  const measures = constraints.map((each) => {
    const counts = countPods(each, pod, view);
    const perHost = each.topologyKey === LABEL_HOSTNAME;
    const domains = new Map<string, number>();
    if (!perHost) {
      for (const { labels } of participants) if (ownField(labels, each.topologyKey) !== undefined) domains.set(ownField(labels, each.topologyKey)!, 0);
      for (const node of view.nodes) {
        const domain = ownField(node.labels, each.topologyKey);
        if (domain === undefined || !domains.has(domain) || !takesPart(node) || !isCounted(each, pod, affinity, node)) continue;
        domains.set(domain, domains.get(domain)! + (counts.get(node.name) ?? 0));
      }
    }
    return { constraint: each, perHost, counts, domains, weight: Math.log((perHost ? participants.length : domains.size) + 2) };
  });
  return {
    score(node) {
      if (!takesPart(node)) return IGNORED;
      let sum = 0;
      for (const { constraint, perHost, counts, domains, weight } of measures) {
        const domain = ownField(node.labels, constraint.topologyKey);
        if (domain === undefined) continue;
        sum += (perHost ? (counts.get(node.name) ?? 0) : (domains.get(domain) ?? 0)) * weight + constraint.maxSkew - 1;
      }
      return Math.round(sum);
    },
    normalize: invert,
  };
}

function invert(scores: number[]): void {
  let least = Infinity;
  let most = 0;
  for (const score of scores) {
    if (score === IGNORED) continue;
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  for (let at = 0; at < scores.length; at += 1) {
    const score = scores[at]!;
    if (score === IGNORED) scores[at] = 0;
    else scores[at] = most === 0 ? MAXIMUM_SCORE : Math.floor((MAXIMUM_SCORE * (most + least - score)) / most);
  }
}
