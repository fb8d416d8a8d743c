import type { V1Node, V1Taint } from '../../api/generated/types.ts';
import { LABEL_REGION, LABEL_ZONE } from '../../api/wellKnown.ts';
import { HostPorts } from './hostPorts.ts';
import type { PodInfo } from './podInfo.ts';
import { addResources, noResources, type Resources, resourcesOfTexts } from './resources.ts';

/** A node and the sums over its pods, which are kept up to date as pods come and go. */
export class NodeInfo {
  readonly name: string;
  #node: V1Node | undefined;
  #allocatable: Resources = noResources();
  #allowedPods = 0;
  #images: ReadonlyMap<string, number> = new Map();
  readonly requested: Resources = noResources();
  /** With defaults for containers that ask for nothing; for scores. */
  readonly scoringRequested = { milliCPU: 0, memory: 0 };
  readonly ports = new HostPorts();
  /** By uid. */
  readonly pods = new Map<string, PodInfo>();

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined while only pods of the node are known, not the node itself. */
  get node(): V1Node | undefined {
    return this.#node;
  }

  set node(node: V1Node | undefined) {
    this.#node = node;
    this.#allocatable = resourcesOfTexts(node?.status?.allocatable);
    this.#allowedPods = Number(node?.status?.allocatable?.['pods'] ?? 0);
    this.#images = new Map((node?.status?.images ?? []).flatMap(({ names, sizeBytes = 0 }) => (names ?? []).map((name) => [name, sizeBytes] as const)));
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? {};
  }

  get taints(): readonly V1Taint[] {
    return this.#node?.spec?.taints ?? [];
  }

  get allocatable(): Resources {
    return this.#allocatable;
  }

  get allowedPods(): number {
    return this.#allowedPods;
  }

  /** Sizes in bytes by name. */
  get images(): ReadonlyMap<string, number> {
    return this.#images;
  }

  /** Region and zone; nodes of different zones are looked at in turn. */
  get zone(): string {
    return `${this.labels[LABEL_REGION] ?? ''}:${this.labels[LABEL_ZONE] ?? ''}`;
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    addResources(this.requested, pod.requests, 1);
    this.scoringRequested.milliCPU += pod.scoringRequests.milliCPU;
    this.scoringRequested.memory += pod.scoringRequests.memory;
    this.ports.add(pod.hostPorts);
  }

  removePod(uid: string): void {
    const pod = this.pods.get(uid);
    if (!pod) return;
    this.pods.delete(uid);
    addResources(this.requested, pod.requests, -1);
    this.scoringRequested.milliCPU -= pod.scoringRequests.milliCPU;
    this.scoringRequested.memory -= pod.scoringRequests.memory;
    this.ports.remove(pod.hostPorts);
  }

  /** A copy to try things on: what would be if pods came or went. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.node = this.#node;
    for (const pod of this.pods.values()) copy.addPod(pod);
    return copy;
  }
}
