import type { V1Pod, V1PodStatus } from '../api/generated/types.ts';
import { formatTime, type Timer } from '../process/clock.ts';
import type { Rejection } from './admission/admitPod.ts';
import { formatPod, identityOf, specOf } from './podContainers.ts';
import { gracePeriodOf } from './podPaths.ts';
import type { RuntimePod } from './runtime/types.ts';
import { withOwnStatus } from './status/ownStatus.ts';
import { isTerminalPhase } from './status/podPhase.ts';
import { type PodFailure, podStatus } from './status/podStatus.ts';
import type { SyncContext } from './sync/context.ts';
import { Grace, killAllContainers } from './sync/killContainers.ts';
import { removePodCgroup, stopSandboxes } from './sync/podSandbox.ts';
import { refreshVolumes } from './sync/refreshVolumes.ts';
import { qosClass } from './qosClass.ts';
import { InterruptedError } from './sync/interrupted.ts';
import { removePod } from './sync/removePod.ts';
import { type PodMemory, syncPod } from './sync/syncPod.ts';
import { withTerminationMessages } from './sync/terminationMessage.ts';

/** What a worker tells the kubelet. */
export interface WorkerListener {
  status(pod: V1Pod, status: V1PodStatus): void;
  /** All of a pod that is being deleted has ended: the API object may go. */
  finished(pod: V1Pod): void;
  /** Nothing of the pod is left on this node. */
  removed(podUid: string): void;
}

/** A round that failed is tried again after a time which doubles, up to the kubelet's own `backOffPeriod`. */
const FIRST_RETRY_MILLISECONDS = 1000;
const MAX_RETRY_MILLISECONDS = 10_000;
/** Timers take no more; a round that comes too early does no harm. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/**
 * Does the work of one pod, a step at a time, in the order: run, end, remove. It never goes back.
 * - running: the pod's containers are brought to what its spec says (`syncPod`)
 * - ending: it is deleted, evicted or done; containers, network, volumes and cgroup are taken down
 * - ended: waits for the API object to go
 * - removing: the object is gone; what is left (ended containers, logs, directories) goes, too
 */
export class PodWorker {
  readonly #context: SyncContext;
  readonly #listener: WorkerListener;
  readonly #memory: PodMemory = { backoff: new Map(), startErrors: new Map() };
  readonly #lastWords = new Map<string, string>();
  /** Aborted when the pod is to end: what it waits for then (a pull, a hook, a volume) matters no more. */
  readonly #interrupt = new AbortController();
  #pod: V1Pod;
  #status: V1PodStatus | undefined;
  #retry = FIRST_RETRY_MILLISECONDS;
  #stage: 'running' | 'ending' | 'ended' | 'removing' = 'running';
  #gone = false;
  #failure: PodFailure | undefined;
  #failureGrace: number | undefined;
  #grace: Grace | undefined;
  #wanted = false;
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(context: SyncContext, pod: V1Pod, listener: WorkerListener) {
    this.#context = context;
    this.#pod = pod;
    this.#listener = listener;
  }

  get pod(): V1Pod {
    return this.#pod;
  }

  get stage(): string {
    return this.#stage;
  }

  /** Whether it still takes, or may yet take, something of the node. */
  get active(): boolean {
    return this.#stage === 'running' || this.#stage === 'ending';
  }

  /** The pod's newest version; may shorten the grace of one that is ending. */
  update(pod: V1Pod): void {
    this.#pod = withOwnStatus(pod, this.#status);
    if (pod.metadata.deletionTimestamp) {
      this.#grace?.shorten(leastGrace(pod));
      this.#interrupt.abort();
    }
    this.poke();
  }

  /** The pod is in no source any more. `last` is how it was seen last: a forced deletion takes its grace away. */
  remove(last?: V1Pod): void {
    this.#gone = true;
    if (last?.metadata.deletionTimestamp) {
      this.#pod = { ...this.#pod, metadata: last.metadata };
      this.#grace?.shorten(leastGrace(last));
    }
    this.#interrupt.abort();
    this.poke();
  }

  /** The kubelet's verdict: the pod fails with this reason, and has so long to end (the pod's own time unless told). */
  fail(failure: PodFailure, graceSeconds?: number): void {
    this.#failure ??= failure;
    if (graceSeconds !== undefined) {
      this.#failureGrace = graceSeconds;
      this.#grace?.shorten(Math.max(1, graceSeconds));
    }
    this.#interrupt.abort();
    this.poke();
  }

  /** The pod is not let in: it fails before anything of it was made. */
  reject({ reason, message }: Rejection): void {
    const { generation } = this.#pod.metadata;
    const status: V1PodStatus = {
      ...this.#pod.status,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      message: `Pod was rejected: ${message}`,
      phase: 'Failed',
      qosClass: qosClass(this.#pod),
      reason,
      startTime: this.#pod.status?.startTime ?? formatTime(this.#context.clock.now()),
    };
    this.#context.events.pod(this.#pod, 'Warning', reason, message);
    this.#stage = 'ended';
    this.#status = status;
    this.#pod = { ...this.#pod, status };
    this.poke();
  }

  /** Something may have changed: a round is due. */
  poke(): void {
    this.#wanted = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
      if (this.#wanted && !this.#context.signal.aborted) this.poke();
    });
  }

  /** Nothing wakes it any more. */
  stop(): void {
    this.#timer?.cancel();
  }

  /** Resolves when no round is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#wanted && !this.#context.signal.aborted) {
      this.#wanted = false;
      this.#timer?.cancel();
      try {
        const next = await this.#round();
        this.#retry = FIRST_RETRY_MILLISECONDS;
        if (next !== undefined) this.#wakeAt(next);
      } catch (error) {
        if (this.#context.signal.aborted) return;
        // Whatever interrupted the round also asked for the next one.
        if (error instanceof InterruptedError) continue;
        this.#context.logger.error('error syncing pod, skipping', { pod: formatPod(this.#pod), error });
        this.#wakeAt(this.#context.clock.now() + this.#retry);
        this.#retry = Math.min(this.#retry * 2, MAX_RETRY_MILLISECONDS);
      }
    }
  }

  #wakeAt(time: number): void {
    this.#timer?.cancel();
    const delay = Math.max(0, time - this.#context.clock.now());
    this.#timer = this.#context.clock.setTimeout(() => this.poke(), Math.min(delay, LONGEST_TIMER_MILLISECONDS));
  }

  /** One step of the pod's life; resolves to when the next one is due. */
  async #round(): Promise<number | undefined> {
    if (this.#stage === 'removing') return undefined;
    if (this.#gone) return this.#remove();
    if (this.#stage === 'ended') return this.#finish();
    const deadline = this.#checkDeadline();
    if (this.#failure || this.#pod.metadata.deletionTimestamp || isTerminalPhase(this.#pod.status?.phase)) return this.#end();
    // The status and what is to be done are told from one look at the runtime.
    const runtime = await this.#context.runtime.pod(identityOf(this.#pod));
    const status = await this.#report(false, runtime);
    if (isTerminalPhase(status.phase)) return this.#end();
    this.#context.probes.ensurePod({ ...this.#pod, status });
    const refresh = await refreshVolumes(this.#context, this.#pod);
    const next = await this.#sync({ ...this.#pod, status }, runtime);
    const after = await this.#report(false);
    this.#context.probes.ensurePod({ ...this.#pod, status: after });
    if (isTerminalPhase(after.phase)) this.#wanted = true;
    const due = Math.min(next ?? Infinity, deadline ?? Infinity, refresh ?? Infinity);
    return due === Infinity ? undefined : due;
  }

  async #sync(pod: V1Pod, runtime: RuntimePod): Promise<number | undefined> {
    const deleted = (): boolean => this.#pod.metadata.deletionTimestamp !== undefined;
    try {
      return await syncPod(this.#context, pod, runtime, this.#memory, {
        progress: async () => void (await this.#report(false)),
        interrupted: this.#interrupt.signal,
        killGrace: (seconds) => (this.#grace = new Grace(deleted() ? Math.min(seconds, leastGrace(this.#pod)) : seconds)),
      });
    } finally {
      this.#grace = undefined;
    }
  }

  /** Ends the pod for good: its containers, then its sandbox, network, volumes and cgroup. */
  async #end(): Promise<undefined> {
    // One that was over when it came, and of which nothing is left, is no longer this kubelet's to judge.
    const foreign = this.#status === undefined && isTerminalPhase(this.#pod.status?.phase) && (await this.#isEmpty());
    this.#stage = 'ending';
    this.#context.probes.stopLivenessAndStartup(this.#pod.metadata.uid);
    if (!foreign) await this.#takeDown();
    this.#context.probes.removePod(this.#pod.metadata.uid);
    await this.#context.volumes.unmountVolumes(this.#pod.metadata.uid);
    await removePodCgroup(this.#context, this.#pod);
    if (!foreign) await this.#report(true);
    this.#stage = 'ended';
    return this.#finish();
  }

  async #isEmpty(): Promise<boolean> {
    const { sandboxes, containers } = await this.#context.runtime.pod(identityOf(this.#pod));
    return sandboxes.length + containers.length === 0;
  }

  async #takeDown(): Promise<RuntimePod> {
    const runtime = await this.#context.runtime.pod(identityOf(this.#pod));
    this.#grace ??= new Grace(this.#failureGrace === undefined ? leastGrace(this.#pod) : Math.max(1, Math.min(this.#failureGrace, gracePeriodOf(this.#pod))));
    await this.#report(false);
    await killAllContainers(this.#context, this.#pod, runtime, this.#grace);
    const ended = await this.#context.runtime.pod(identityOf(this.#pod));
    await this.#report(false);
    await stopSandboxes(this.#context, ended);
    return ended;
  }

  #finish(): undefined {
    // The mirror of a static pod may have come only now.
    if (this.#status) this.#listener.status(this.#pod, this.#status);
    if (this.#pod.metadata.deletionTimestamp) this.#listener.finished(this.#pod);
    return undefined;
  }

  async #remove(): Promise<undefined> {
    if (this.#stage !== 'ended') {
      this.#stage = 'ending';
      await this.#takeDown();
      this.#context.probes.removePod(this.#pod.metadata.uid);
      await this.#context.volumes.unmountVolumes(this.#pod.metadata.uid);
      await removePodCgroup(this.#context, this.#pod);
      this.#stage = 'ended';
    }
    await removePod(this.#context, await this.#context.runtime.pod(identityOf(this.#pod)));
    this.#context.images.forget(this.#pod.metadata.uid);
    this.#stage = 'removing';
    this.#timer?.cancel();
    this.#listener.removed(this.#pod.metadata.uid);
    return undefined;
  }

  /** Computes the pod's status from the runtime and hands it on. */
  async #report(ended: boolean, seen?: RuntimePod): Promise<V1PodStatus> {
    const context = this.#context;
    const runtime = await withTerminationMessages(seen ?? (await context.runtime.pod(identityOf(this.#pod))), this.#lastWords);
    const sandbox = runtime.sandboxes[0];
    const status = podStatus({
      pod: this.#pod,
      runtime,
      startErrors: this.#memory.startErrors,
      probes: (name, id) => context.probes.results(this.#pod.metadata.uid, name, id),
      ending: this.#stage !== 'running',
      ended,
      runtimeName: context.runtimeInfo.name,
      podIPs: sandbox?.state === 'Ready' ? context.network.addresses(sandbox.id) : [],
      hostIPs: context.hostIPs,
      failure: this.#failure,
      now: context.clock.now(),
    });
    // Later rounds start from what was found, whether or not the API server has heard of it yet.
    this.#status = status;
    this.#pod = { ...this.#pod, status };
    if (!this.#gone) this.#listener.status(this.#pod, status);
    return status;
  }

  /** Fails a pod that ran longer than it may; resolves to when that will be. */
  #checkDeadline(): number | undefined {
    const limit = specOf(this.#pod).activeDeadlineSeconds;
    const startTime = this.#pod.status?.startTime;
    if (limit === undefined || !startTime) return undefined;
    const at = Date.parse(startTime) + limit * 1000;
    if (this.#context.clock.now() < at) return at;
    if (!this.#failure && !isTerminalPhase(this.#pod.status?.phase)) {
      this.#failure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
      this.#context.events.pod(this.#pod, 'Normal', 'DeadlineExceeded', 'Pod was active on the node longer than specified deadline');
    }
    return undefined;
  }
}

/** A grace of 0 still lets the container hear of it (`killContainer` of the kubelet). */
function leastGrace(pod: V1Pod): number {
  return Math.max(1, gracePeriodOf(pod));
}
