import type { V1Namespace, V1Node, V1Pod, V1PodDisruptionBudget } from '../api/generated/types.ts';
import type { EventRecorder, Informer, KubeClient } from '../client/types.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { type BindingOutcome, Bindings } from './bindings.ts';
import { ClusterCache } from './cache/clusterCache.ts';
import type { PodInfo } from './cache/podInfo.ts';
import { connect } from './clusterEvents.ts';
import { findNode } from './findNode.ts';
import { type Diagnosis, fitErrorMessage, NO_NODES, rejectingPlugins } from './fitError.ts';
import type { Profile } from './framework/profile.ts';
import { findPreemption } from './plugins/defaultPreemption.ts';
import { PodStatusWriter } from './podStatus.ts';
import { evictVictims } from './preemptor.ts';
import { Nominator } from './queue/nominator.ts';
import { type QueuedPod, SchedulingQueue } from './queue/schedulingQueue.ts';
import type { SchedulerMetrics } from './schedulerMetrics.ts';

export interface SchedulerOptions {
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly profiles: readonly Profile[];
  readonly pods: Informer<V1Pod>;
  readonly nodes: Informer<V1Node>;
  readonly namespaces: Informer<V1Namespace>;
  readonly budgets: Informer<V1PodDisruptionBudget>;
  /** Milliseconds; Kubernetes' defaults are 1 s and 10 s. */
  readonly initialBackoff?: number;
  readonly maximumBackoff?: number;
  readonly random?: () => number;
}

/** After so long other work of the process gets its turn. */
const SLICE_MILLISECONDS = 5;
const EXPIRE_MILLISECONDS = 60_000;
/** Kubernetes' bound for an event's note. */
const LONGEST_MESSAGE = 1024;

/**
 * Chooses a node for each pod that has none: takes the most important pod from the queue, *filters* and *scores* the nodes,
 * *assumes* the pod on the best one, and *binds* it in the background while the next pod is looked at. A cycle is synchronous,
 * so that it sees one state of the cluster; only binding and reporting wait for the API server.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #cache: ClusterCache;
  readonly #queue: SchedulingQueue;
  readonly #nominator = new Nominator();
  readonly #bindings: Bindings;
  readonly #status: PodStatusWriter;
  readonly #random: () => number;
  #metrics: SchedulerMetrics | undefined;
  /** The node at which the next search begins. */
  #start = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { client, clock, logger, initialBackoff, maximumBackoff } = options;
    this.#cache = new ClusterCache((namespace) => options.namespaces.get(namespace)?.metadata.labels);
    this.#queue = new SchedulingQueue({ clock, ...(initialBackoff === undefined ? {} : { initialBackoff }), ...(maximumBackoff === undefined ? {} : { maximumBackoff }) });
    this.#bindings = new Bindings(client);
    this.#status = new PodStatusWriter(client, clock, logger);
    this.#random = options.random ?? Math.random;
    const profiles = new Map(options.profiles.map((profile) => [profile.schedulerName, profile]));
    connect(options, { cache: this.#cache, queue: this.#queue, nominator: this.#nominator, profiles });
  }

  get queueSizes(): SchedulingQueue['sizes'] {
    return this.#queue.sizes;
  }

  /** Told of every attempt from now on. */
  set metrics(metrics: SchedulerMetrics) {
    this.#metrics = metrics;
  }

  /** Schedules until the signal; resolves when the last binding has ended. The informers must be running. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#scheduleAll(signal), this.#queue.flushRegularly(signal), this.#expireRegularly(signal)]);
    await this.#bindings.drained();
  }

  async #scheduleAll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let sliceEnd = clock.monotonic() + SLICE_MILLISECONDS;
    while (!signal.aborted) {
      const queued = this.#queue.pop();
      if (!queued) {
        await this.#queue.wait(signal);
        sliceEnd = clock.monotonic() + SLICE_MILLISECONDS;
        continue;
      }
      this.#scheduleOne(queued);
      await this.#bindings.slot();
      if (clock.monotonic() < sliceEnd) continue;
      await new Promise(setImmediate);
      sliceEnd = clock.monotonic() + SLICE_MILLISECONDS;
    }
  }

  async #expireRegularly(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(EXPIRE_MILLISECONDS, signal);
      for (const pod of this.#cache.expire(clock.monotonic())) logger.warn('a pod was bound, but the API server has not shown it on its node since', { pod });
    }
  }

  /** One cycle. */
  #scheduleOne(queued: QueuedPod): void {
    const { clock, logger } = this.#options;
    const { info, profile } = queued;
    if (this.#cache.isAssumed(info.uid)) return;
    const startedAt = clock.monotonic();
    const attempted = (result: 'scheduled' | 'unschedulable' | 'error'): void => this.#metrics?.attempted(result, profile.schedulerName, (clock.monotonic() - startedAt) / 1000);
    try {
      const decision = findNode(info, { view: this.#cache, profile, nominations: this.#nominator, start: this.#start, random: this.#random });
      this.#start = this.#cache.nodes.length === 0 ? 0 : (this.#start + decision.evaluated) % this.#cache.nodes.length;
      if (decision.kind === 'Fits') {
        this.#assume(info, decision.node);
        this.#bind(queued, decision.node);
        attempted('scheduled');
      } else {
        this.#reject(queued, decision.diagnosis);
        attempted('unschedulable');
      }
    } catch (error) {
      logger.error('a scheduling cycle failed', { pod: info.key, error });
      this.#fail(queued, error as Error);
      attempted('error');
    }
  }

  #assume(info: PodInfo, node: string): void {
    this.#cache.assume(info, node);
    this.#nominator.delete(info.uid);
  }

  #bind(queued: QueuedPod, node: string): void {
    this.#bindings.start(queued.info, node, (outcome) => this.#bound(queued, node, outcome));
  }

  #bound(queued: QueuedPod, node: string, outcome: BindingOutcome): void {
    const { clock, logger, recorder } = this.#options;
    const { info } = queued;
    if (outcome.kind === 'Bound') {
      this.#cache.finishBinding(info.uid, clock.monotonic());
      recorder.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${info.key} to ${node}`);
      this.#metrics?.bound((clock.monotonic() - queued.firstSeen) / 1000, queued.attempts);
      return;
    }
    this.#cache.forget(info.uid);
    this.#queue.moveFor({ kind: 'PodDeleted', pod: info, node: this.#cache.node(node) });
    if (outcome.kind === 'Gone') return;
    logger.warn('a binding failed', { pod: info.key, node, error: outcome.error });
    this.#fail(queued, outcome.error);
  }

  /** The pod fits nowhere: perhaps by the end of less important ones; else it waits for what its rejecting plugins wait for. */
  #reject(queued: QueuedPod, diagnosis: Diagnosis): void {
    const { info, profile } = queued;
    if (diagnosis.nodeCount === 0) {
      this.#report(info, NO_NODES);
      this.#queue.addUnschedulable(queued, new Set(profile.filters.map(({ name }) => name)));
      return;
    }
    const preemption = profile.preemption
      ? findPreemption(info, { view: this.#cache, profile, nominations: this.#nominator, budgets: this.#options.budgets.list(), diagnosis, random: this.#random })
      : undefined;
    this.#queue.addUnschedulable(queued, rejectingPlugins(diagnosis));
    if (preemption?.kind === 'Preempt') this.#preempt(info, preemption.node, preemption.victims, fitErrorMessage(diagnosis));
    else {
      this.#metrics?.preempted(0);
      if (preemption?.waiting) return this.#report(info, fitErrorMessage(diagnosis, preemption.message));
      // A promise that did not come true is taken back, so that it holds no room.
      this.#nominator.delete(info.uid);
      this.#report(info, fitErrorMessage(diagnosis, preemption?.message), info.pod.status?.nominatedNodeName ? { nominatedNode: '' } : {});
    }
  }

  #preempt(info: PodInfo, node: string, victims: readonly PodInfo[], message: string): void {
    this.#options.logger.info('preempting', { pod: info.key, node, victims: victims.map(({ key }) => key) });
    for (const promised of this.#nominator.on(node)) {
      if (promised.priority >= info.priority) continue;
      this.#nominator.delete(promised.uid);
      this.#status.takeBackNomination(promised.pod);
    }
    this.#nominator.set(info, node);
    this.#report(info, message, { nominatedNode: node });
    this.#metrics?.preempted(victims.length);
    void evictVictims(info, node, victims, this.#options);
  }

  #report(info: PodInfo, message: string, extra: { readonly nominatedNode?: string } = {}): void {
    this.#status.write(info.pod, { reason: 'Unschedulable', message, ...extra });
    this.#options.recorder.event(info.pod, 'Warning', 'FailedScheduling', truncate(message));
  }

  /** The attempt ended in an error: it is made again after a delay, if the pod is still there and still without a node. */
  #fail(queued: QueuedPod, error: Error): void {
    const pod = this.#options.pods.get(queued.info.key);
    if (!pod || pod.metadata.uid !== queued.info.uid || pod.spec?.nodeName || this.#queue.has(queued.info.uid)) return;
    this.#queue.addFailed(queued);
    this.#status.write(pod, { reason: 'SchedulerError', message: error.message });
    this.#options.recorder.event(pod, 'Warning', 'FailedScheduling', truncate(error.message));
  }
}

function truncate(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 4)} ...`;
}
