import type { V1Node } from '../../api/generated/types.ts';
import type { NamespaceLabels } from './affinityTerm.ts';
import type { ClusterView } from './clusterView.ts';
import { type ExistingTerm, ExistingTerms, type TermKind } from './existingTerms.ts';
import { NodeInfo } from './nodeInfo.ts';
import type { PodInfo } from './podInfo.ts';
import { type PodPredicate, PredicateCounts } from './predicateCounts.ts';

/** How long a pod that was bound counts on its node without the API server having shown it there. */
const ASSUMED_MILLISECONDS = 15 * 60_000;

interface Placed {
  readonly info: PodInfo;
  readonly node: string;
  /** Placed by a cycle, not yet seen so by the informer. */
  readonly assumed: boolean;
  /** When an assumed pod is given up (monotonic); undefined while its binding is under way. */
  expiresAt?: number;
}

/** Nodes with the pods on them, those included that were just assigned and are still being bound: the scheduler reads its own writes. */
export class ClusterCache implements ClusterView {
  readonly namespaceLabels: NamespaceLabels;
  /** By name; also of nodes that are not known but have pods. */
  readonly #nodes = new Map<string, NodeInfo>();
  /** By uid. */
  readonly #pods = new Map<string, Placed>();
  readonly #assumed = new Set<string>();
  readonly #imageSpread = new Map<string, number>();
  readonly #terms = new ExistingTerms();
  readonly #counts: PredicateCounts;
  /** Undefined when a node came, went or changed its zone. */
  #order: readonly NodeInfo[] | undefined;

  constructor(namespaceLabels: NamespaceLabels) {
    this.namespaceLabels = namespaceLabels;
    this.#counts = new PredicateCounts(() => this.#everyPod());
  }

  get nodes(): readonly NodeInfo[] {
    this.#order ??= interleaveZones([...this.#nodes.values()].filter(({ node }) => node !== undefined));
    return this.#order;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node ? info : undefined;
  }

  countPods(id: string, predicate: PodPredicate): ReadonlyMap<string, number> {
    return this.#counts.count(id, predicate);
  }

  existingTerms(kind: TermKind): Iterable<ExistingTerm> {
    return this.#terms.of(kind);
  }

  imageSpread(image: string): number {
    return this.#imageSpread.get(image) ?? 0;
  }

  setNode(node: V1Node): void {
    const info = this.#nodeInfo(node.metadata.name);
    const zone = info.node && info.zone;
    this.#spreadImages(info, -1);
    info.node = node;
    this.#spreadImages(info, 1);
    if (zone !== info.zone) this.#order = undefined;
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#spreadImages(info, -1);
    info.node = undefined;
    this.#order = undefined;
    if (info.pods.size === 0) this.#nodes.delete(name);
  }

  /** A pod as the API server shows it on a node. */
  setPod(info: PodInfo, node: string): void {
    this.removePod(info.uid);
    this.#place({ info, node, assumed: false });
  }

  /** A newer version of a pod that stays where it is, and differs in nothing that is counted; false when it is not that. */
  refreshPod(info: PodInfo, node: string): boolean {
    const placed = this.#pods.get(info.uid);
    if (!placed || placed.assumed || placed.node !== node) return false;
    this.#pods.set(info.uid, { ...placed, info });
    this.#nodes.get(node)?.pods.set(info.uid, info);
    return true;
  }

  removePod(uid: string): void {
    const placed = this.#pods.get(uid);
    if (!placed) return;
    this.#pods.delete(uid);
    this.#assumed.delete(uid);
    const node = this.#nodes.get(placed.node);
    node?.removePod(uid);
    this.#terms.podRemoved(placed.node, placed.info);
    this.#counts.podRemoved(placed.node, placed.info);
    if (node && !node.node && node.pods.size === 0) this.#nodes.delete(placed.node);
  }

  /** Counts a pod on the node that was chosen for it, before it is bound. */
  assume(info: PodInfo, node: string): void {
    this.removePod(info.uid);
    this.#place({ info, node, assumed: true });
    this.#assumed.add(info.uid);
  }

  /** What is counted for a pod that the API server has shown on this node. */
  podOn(uid: string, node: string): PodInfo | undefined {
    const placed = this.#pods.get(uid);
    return placed && !placed.assumed && placed.node === node ? placed.info : undefined;
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** The binding succeeded; from `now` (monotonic) on the informer has its time to show it. */
  finishBinding(uid: string, now: number): void {
    const placed = this.#pods.get(uid);
    if (placed?.assumed) placed.expiresAt = now + ASSUMED_MILLISECONDS;
  }

  /** The binding failed. */
  forget(uid: string): void {
    if (this.#assumed.has(uid)) this.removePod(uid);
  }

  /** Gives up assumed pods whose time is over; returns their keys. */
  expire(now: number): readonly string[] {
    const over = [...this.#assumed].filter((uid) => (this.#pods.get(uid)?.expiresAt ?? Infinity) <= now);
    const keys = over.map((uid) => this.#pods.get(uid)?.info.key ?? uid);
    for (const uid of over) this.removePod(uid);
    return keys;
  }

  /** Affinity terms may select namespaces by labels, so counts that were taken before are void. */
  namespaceChanged(): void {
    this.#counts.clear();
  }

  get podCount(): number {
    return this.#pods.size;
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.#nodes.set(name, info);
    }
    return info;
  }

  #place(placed: Placed): void {
    this.#pods.set(placed.info.uid, placed);
    this.#nodeInfo(placed.node).addPod(placed.info);
    this.#terms.podAdded(placed.node, placed.info);
    this.#counts.podAdded(placed.node, placed.info);
  }

  #spreadImages(info: NodeInfo, by: 1 | -1): void {
    for (const name of info.images.keys()) {
      const count = (this.#imageSpread.get(name) ?? 0) + by;
      if (count > 0) this.#imageSpread.set(name, count);
      else this.#imageSpread.delete(name);
    }
  }

  *#everyPod(): Iterable<readonly [string, PodInfo]> {
    for (const { node, info } of this.#pods.values()) yield [node, info];
  }
}

/** One node of each zone in turn, so that a search which stops early has seen all zones. */
function interleaveZones(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zones.get(node.zone);
    if (zone) zone.push(node);
    else zones.set(node.zone, [node]);
  }
  if (zones.size <= 1) return nodes;
  const lists = [...zones.values()];
  const order: NodeInfo[] = [];
  for (let at = 0; order.length < nodes.length; at += 1) {
    for (const list of lists) if (at < list.length) order.push(list[at]!);
  }
  return order;
}
