import type { V1PodDisruptionBudget } from '../../api/generated/types.ts';
import type { ClusterView } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { type Diagnosis, fitErrorMessage } from '../fitError.ts';
import { fitsOn, type Nominations, withNominated } from '../framework/filterRun.ts';
import type { Profile } from '../framework/profile.ts';
import type { Rejection } from '../framework/types.ts';
import { splitByBudgets } from './preemption/budgets.ts';
import { isMoreImportant, pickCandidate, type Candidate } from './preemption/pickCandidate.ts';

const NAME = 'DefaultPreemption';

const NO_VICTIMS: Rejection = { plugin: NAME, reasons: ['No preemption victims found for incoming pod'], unresolvable: true };
const NOT_HELPFUL: Rejection = { plugin: NAME, reasons: ['Preemption is not helpful for scheduling'], unresolvable: true };

/** Candidates that are worked out, at least and in percent of the nodes. */
const MINIMUM_CANDIDATES = 100;
const CANDIDATES_PERCENT = 10;

export interface PreemptionInput {
  readonly view: ClusterView;
  readonly profile: Profile;
  readonly nominations: Nominations;
  readonly budgets: readonly V1PodDisruptionBudget[];
  /** Why the pod fits nowhere as things are. */
  readonly diagnosis: Diagnosis;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** `None` with `waiting`: victims are on their way out already, so the promise of their node stands. */
export type PreemptionResult = { readonly kind: 'Preempt'; readonly node: string; readonly victims: readonly PodInfo[] } | { readonly kind: 'None'; readonly message: string; readonly waiting: boolean };

/** The PostFilter step: on which node, and by the end of which less important pods, there would be room. Changes nothing. */
export function findPreemption(pod: PodInfo, input: PreemptionInput): PreemptionResult {
  if (pod.spec.preemptionPolicy === 'Never') return { kind: 'None', message: 'preemption: not eligible due to preemptionPolicy=Never.', waiting: false };
  if (waitsForVictims(pod, input)) return { kind: 'None', message: 'preemption: not eligible due to a terminating pod on the nominated node.', waiting: true };
  const { view, diagnosis, random } = input;
  const helpful = view.nodes.filter(({ name }) => diagnosis.everywhere === undefined && diagnosis.byNode.get(name)?.unresolvable === false);
  const enough = Math.min(helpful.length, Math.max(MINIMUM_CANDIDATES, Math.floor((view.nodes.length * CANDIDATES_PERCENT) / 100)));
  const start = Math.floor(random() * helpful.length);
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Rejection>();
  for (let step = 0; step < helpful.length && candidates.length < enough; step += 1) {
    const node = helpful[(start + step) % helpful.length]!;
    const result = selectVictims(pod, node, input);
    if ('victims' in result) candidates.push(result);
    else rejected.set(node.name, result);
  }
  const chosen = pickCandidate(candidates);
  if (chosen) return { kind: 'Preempt', node: chosen.node, victims: chosen.victims };
  return { kind: 'None', message: `preemption: ${fitErrorMessage({ nodeCount: view.nodes.length, byNode: rejected, others: NOT_HELPFUL })}`, waiting: false };
}

function waitsForVictims(pod: PodInfo, { view, diagnosis }: PreemptionInput): boolean {
  const nominated = pod.pod.status?.nominatedNodeName;
  const node = nominated ? view.node(nominated) : undefined;
  if (!node || diagnosis.byNode.get(node.name)?.unresolvable) return false;
  return [...node.pods.values()].some((each) => each.priority < pod.priority && isBeingPreempted(each));
}

function isBeingPreempted({ pod }: PodInfo): boolean {
  const preempted = pod.status?.conditions?.some(({ type, status, reason }) => type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler');
  return pod.metadata.deletionTimestamp !== undefined && preempted === true;
}

/** The fewest, least important pods whose end makes room: all are taken away, then spared one by one, those that budgets protect first. */
function selectVictims(pod: PodInfo, node: NodeInfo, { view, profile, nominations, budgets }: PreemptionInput): Candidate | Rejection {
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lesser.length === 0) return NO_VICTIMS;
  const trial = node.clone();
  const rejection = (): Rejection | undefined => fitsOn(pod, withNominated(pod, trial, nominations) ?? trial, view, profile);
  for (const { uid } of lesser) trial.removePod(uid);
  const still = rejection();
  if (still) return still;
  const { violating, others } = splitByBudgets(lesser.toSorted((left, right) => (isMoreImportant(left, right) ? -1 : 1)), budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  const spare = (each: PodInfo): boolean => {
    trial.addPod(each);
    if (!rejection()) return true;
    trial.removePod(each.uid);
    victims.push(each);
    return false;
  };
  for (const each of violating) if (!spare(each)) violations += 1;
  for (const each of others) spare(each);
  return { node: node.name, victims: victims.toSorted((left, right) => (isMoreImportant(left, right) ? -1 : 1)), violations };
}
