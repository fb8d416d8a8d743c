import type { V1Node, V1Pod } from '../api/generated/types.ts';
import { objectKey } from '../client/objectKey.ts';
import type { Informer, KubeClient } from '../client/types.ts';
import type { Logger } from '../process/log.ts';
import type { KubeletConfig } from './config.ts';
import { admitPod, type Rejection } from './admission/admitPod.ts';
import { messageOf } from './errorText.ts';
import type { EvictionManager } from './eviction/evictionManager.ts';
import { admitUnderPressure } from './eviction/ranking.ts';
import { collectGarbage, removeEndedContainers } from './housekeeping.ts';
import type { ImageCollector } from './images/imageCollector.ts';
import type { NodeAgent } from './node/nodeAgent.ts';
import { watchStaticPods } from './podSources/fileSource.ts';
import { deleteMirror, ensureMirror } from './podSources/mirrorPods.ts';
import { isMirror, isStatic } from './podSources/staticPod.ts';
import type { WorkerListener } from './podWorker.ts';
import { PodWorkers } from './podWorkers.ts';
import { isTerminalPhase } from './status/podPhase.ts';
import type { PodFailure } from './status/podStatus.ts';
import type { StatusManager } from './status/statusManager.ts';
import type { SyncContext } from './sync/context.ts';

/** How long the workers may take to finish their step when the kubelet stops. */
const STOP_MILLISECONDS = 3000;
/** How often it is looked whether every source of pods has been read, at the start. */
const SOURCES_POLL_MILLISECONDS = 100;

/** How long a pod that was evicted may take to free what it used. */
const CLEANUP_MILLISECONDS = 30_000;
const CLEANUP_POLL_MILLISECONDS = 100;

/** How often images are collected (`ImageGCPeriod`). */
const IMAGE_COLLECTION_MILLISECONDS = 300_000;

export interface KubeletParts {
  readonly config: KubeletConfig;
  readonly context: SyncContext;
  readonly client: KubeClient;
  /** Pods that are bound to this node. */
  readonly pods: Informer<V1Pod>;
  readonly node: Informer<V1Node>;
  /** The node as this kubelet knows it by itself, where the API has not heard of it all yet. */
  readonly ownNode: V1Node;
  readonly nodeAgent: NodeAgent;
  readonly statuses: StatusManager;
  readonly images: ImageCollector;
  readonly eviction: EvictionManager;
  readonly logger: Logger;
}

/**
 * The node agent. Pods come from the API and from a directory; each has a worker, which the runtime's events, its probes and its own
 * timers wake; what the worker finds becomes the pod's status. Nothing is ended before every source was read once.
 */
export class Kubelet {
  readonly #parts: KubeletParts;
  readonly #workers: PodWorkers;
  readonly #static = new Map<string, V1Pod>();
  #staticRead = false;

  constructor(parts: KubeletParts) {
    this.#parts = parts;
    const listener: WorkerListener = {
      status: (pod, status) => this.#withApiPod(pod, (target) => parts.statuses.set(target, status)),
      finished: (pod) => {
        if (!isStatic(pod)) parts.statuses.remove(pod);
      },
      removed: (uid) => parts.statuses.forget(uid),
    };
    this.#workers = new PodWorkers(parts.context, listener, (pod, others) => this.#admit(pod, others));
  }

  /** The pods of this node with their newest status, for the kubelet's own server. */
  pods(): readonly V1Pod[] {
    return this.#workers.pods();
  }

  /** By namespace and name, or undefined. */
  podByName(namespace: string, name: string): V1Pod | undefined {
    return this.pods().find((pod) => pod.metadata.namespace === namespace && pod.metadata.name === name);
  }

  get context(): SyncContext {
    return this.#parts.context;
  }

  /** Something that the pod depends on has changed: a probe's result, the source of a volume. */
  poke(podUid: string): void {
    this.#workers.poke(podUid);
  }

  /** Ends the pod for the good of the node; resolves when nothing of it is in use any more, or that takes too long (`podCleanupTimeout`). */
  async evict(pod: V1Pod, failure: PodFailure): Promise<void> {
    const { events, clock, signal } = this.#parts.context;
    const worker = this.#workers.get(pod.metadata.uid);
    if (!worker) return;
    events.pod(pod, 'Warning', failure.reason, failure.message);
    worker.fail(failure, 0);
    const end = clock.monotonic() + CLEANUP_MILLISECONDS;
    while (worker.active && clock.monotonic() < end && !signal.aborted) await clock.sleep(CLEANUP_POLL_MILLISECONDS, signal);
  }

  /** Removes the containers of pods that are over, whose logs and layers take from the disk. */
  removeEndedContainers(): Promise<void> {
    return removeEndedContainers(this.#parts.context, this.#workers);
  }

  /** Pods that a kubelet before took on count although their turn in the first list has not come yet. */
  #admit(pod: V1Pod, others: readonly V1Pod[]): Rejection | undefined {
    const { pods, node, ownNode, config, eviction } = this.#parts;
    const pressed = admitUnderPressure(pod, eviction.pressures);
    if (pressed) return pressed;
    const { uids } = this.#workers;
    const known = pods.list().filter(({ metadata, status }) => !uids.has(metadata.uid) && metadata.uid !== pod.metadata.uid && status?.startTime !== undefined && !isTerminalPhase(status.phase)).filter((each) => !isMirror(each));
    const seen = node.get(config.nodeName);
    const current = seen ? { ...seen, status: { ...seen.status, allocatable: seen.status?.allocatable ?? ownNode.status?.allocatable ?? {} } } : ownNode;
    return admitPod({ pod, others: [...others, ...known], node: current });
  }

  /** Runs until the signal; then the workers finish the step that they are in, and all containers go on. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#parts.nodeAgent.run(signal),
      this.#watchApiPods(signal),
      this.#watchFiles(signal),
      this.#watchRuntime(signal),
      this.#relist(signal),
      this.#housekeep(signal),
      this.#refreshVolumes(signal),
      this.#collectImages(signal),
      this.#parts.pods.synced(signal).then(() => this.#parts.eviction.run(signal)),
    ]);
    // A pull or a grace may take minutes; whatever is cut off here is found and gone on with by the next kubelet.
    const settled = new AbortController();
    await Promise.race([this.#workers.stop().then(() => this.#parts.statuses.flushed()), this.#parts.context.clock.sleep(STOP_MILLISECONDS, settled.signal)]);
    settled.abort();
  }

  async #watchApiPods(signal: AbortSignal): Promise<void> {
    this.#parts.pods.addHandler({
      added: (pod) => this.#apiPod(pod),
      updated: (_, pod) => this.#apiPod(pod),
      deleted: (pod) => this.#apiPodGone(pod),
    });
    await this.#parts.pods.synced(signal);
    // Whichever of files, pods and node is known last.
    this.#parts.node.addHandler({ added: () => this.#mirrorAll() });
    this.#mirrorAll();
  }

  #apiPod(pod: V1Pod): void {
    if (isMirror(pod)) return this.#workers.poke(this.#static.get(objectKey(pod))?.metadata.uid ?? '');
    this.#workers.update(pod);
  }

  #apiPodGone(pod: V1Pod): void {
    if (!isMirror(pod)) return this.#workers.remove(pod.metadata.uid, pod);
    this.#mirror(objectKey(pod));
  }

  async #watchFiles(signal: AbortSignal): Promise<void> {
    const { config, context, logger } = this.#parts;
    if (config.staticPodPath === '') {
      this.#staticRead = true;
      return;
    }
    const options = { directory: config.staticPodPath, nodeName: config.nodeName, clock: context.clock, logger, frequency: config.fileCheckFrequency };
    await watchStaticPods(options, (pods) => this.#staticPods(pods), signal);
  }

  #staticPods(pods: readonly V1Pod[]): void {
    const byName = new Map(pods.map((pod) => [objectKey(pod), pod]));
    for (const [name, before] of this.#static) {
      const now = byName.get(name);
      if (now?.metadata.uid === before.metadata.uid) continue;
      this.#static.delete(name);
      this.#workers.remove(before.metadata.uid);
    }
    for (const [name, pod] of byName) {
      if (!this.#static.has(name)) {
        this.#static.set(name, pod);
        this.#workers.update(pod);
      }
    }
    this.#staticRead = true;
    this.#mirrorAll();
  }

  /** Brings all mirrors up to date, as soon as files and API have been read. */
  #mirrorAll(): void {
    this.#mirrorStatic();
    if (this.#staticRead && this.#parts.pods.hasSynced) this.#dropMirrors();
  }

  #mirrorStatic(): void {
    if (this.#staticRead) for (const name of this.#static.keys()) this.#mirror(name);
  }

  /** Brings the mirror of a static pod up to date. */
  #mirror(name: string): void {
    const { client, node, pods, config, logger } = this.#parts;
    const pod = this.#static.get(name);
    const owner = node.get(config.nodeName);
    if (!pod || !owner || !pods.hasSynced) return;
    ensureMirror(client, pod, pods.get(name), { name: owner.metadata.name, uid: owner.metadata.uid }).then(
      () => this.#workers.poke(pod.metadata.uid),
      (error: unknown) => logger.error('failed creating a mirror pod', { pod: name, error }),
    );
  }

  /** Mirrors of static pods that are gone. */
  #dropMirrors(): void {
    for (const mirror of this.#parts.pods.list()) {
      if (!isMirror(mirror) || this.#static.has(objectKey(mirror))) continue;
      deleteMirror(this.#parts.client, mirror).catch((error: unknown) => this.#parts.logger.error('failed deleting a mirror pod', { pod: objectKey(mirror), error }));
    }
  }

  /** A static pod is known to the API by its mirror. */
  #withApiPod(pod: V1Pod, act: (target: V1Pod) => void): void {
    if (!isStatic(pod)) return act(pod);
    const mirror = this.#parts.pods.get(objectKey(pod));
    if (mirror && isMirror(mirror)) act(mirror);
  }

  async #watchRuntime(signal: AbortSignal): Promise<void> {
    for await (const event of this.#parts.context.runtime.events(signal)) {
      if (event.kind === 'pod') this.#workers.poke(event.podUid);
      else this.#workers.pokeAll();
    }
  }

  /** The safety net under the runtime's events: whose containers changed since the last look is looked at, should the event have been lost. */
  async #relist(signal: AbortSignal): Promise<void> {
    const { context, config, logger } = this.#parts;
    let before: ReadonlyMap<string, string> = new Map();
    while (!signal.aborted) {
      await context.clock.sleep(config.relistPeriod, signal);
      try {
        const now = await context.runtime.fingerprints();
        for (const uid of new Set([...before.keys(), ...now.keys()])) if (before.get(uid) !== now.get(uid)) this.#workers.poke(uid);
        before = now;
      } catch (error) {
        if (!signal.aborted) logger.warn('the pods of the runtime could not be listed', { error });
      }
      this.#mirrorStatic();
    }
  }

  async #refreshVolumes(signal: AbortSignal): Promise<void> {
    const { context, config, logger } = this.#parts;
    while (!signal.aborted) {
      await context.clock.sleep(config.syncFrequency, signal);
      for (const pod of this.pods()) {
        if (signal.aborted) return;
        if (pod.metadata.deletionTimestamp || isTerminalPhase(pod.status?.phase)) continue;
        await context.volumes.refreshVolumes(pod).catch((error: unknown) => logger.error("a pod's volumes could not be brought up to date", { pod: objectKey(pod), error }));
      }
    }
  }

  async #collectImages(signal: AbortSignal): Promise<void> {
    const { context, images, nodeAgent, pods, logger } = this.#parts;
    await pods.synced(signal);
    while (!signal.aborted) {
      await images.collect().catch((error: unknown) => {
        if (signal.aborted) return;
        logger.error('images could not be collected', { error });
        nodeAgent.warn('ImageGCFailed', messageOf(error));
      });
      await context.clock.sleep(IMAGE_COLLECTION_MILLISECONDS, signal);
    }
  }

  async #housekeep(signal: AbortSignal): Promise<void> {
    const { context, config, logger, pods } = this.#parts;
    await pods.synced(signal);
    while (!signal.aborted) {
      try {
        if (this.#staticRead && pods.hasSynced) {
          this.#dropMirrors();
          await collectGarbage(context, this.#workers);
        }
      } catch (error) {
        if (!signal.aborted) logger.error('housekeeping failed; trying again', { error });
      }
      await context.clock.sleep(this.#staticRead ? config.housekeepingPeriod : SOURCES_POLL_MILLISECONDS, signal);
    }
  }
}
