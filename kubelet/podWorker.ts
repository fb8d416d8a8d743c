import type { V1Pod, V1PodStatus } from '../api/generated/types.ts';
import type { Timer } from '../process/clock.ts';
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
  #pod: V1Pod;
  #status: V1PodStatus | undefined;
  #retry = FIRST_RETRY_MILLISECONDS;
  #stage: 'running' | 'ending' | 'ended' | 'removing' = 'running';
  #gone = false;
  #failure: PodFailure | undefined;
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

  /** The pod's newest version; may shorten the grace of one that is ending. */
  update(pod: V1Pod): void {
    this.#pod = withOwnStatus(pod, this.#status);
    if (pod.metadata.deletionTimestamp) this.#grace?.shorten(gracePeriodOf(pod));
    this.poke();
  }

  /** The pod is in no source any more. */
  remove(): void {
    this.#gone = true;
    this.poke();
  }

  /** The kubelet's verdict: the pod fails with this reason. */
  fail(failure: PodFailure): void {
    this.#failure ??= failure;
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
    const status = await this.#report(false);
    if (isTerminalPhase(status.phase)) return this.#end();
    this.#context.probes.ensurePod({ ...this.#pod, status });
    const refresh = await refreshVolumes(this.#context, this.#pod);
    const next = await syncPod(this.#context, { ...this.#pod, status }, this.#memory, async () => void (await this.#report(false)));
    const after = await this.#report(false);
    this.#context.probes.ensurePod({ ...this.#pod, status: after });
    if (isTerminalPhase(after.phase)) this.#wanted = true;
    const due = Math.min(next ?? Infinity, deadline ?? Infinity, refresh ?? Infinity);
    return due === Infinity ? undefined : due;
  }

  /** Ends the pod for good: its containers, then its sandbox, network, volumes and cgroup. */
  async #end(): Promise<undefined> {
    this.#stage = 'ending';
    this.#context.probes.stopLivenessAndStartup(this.#pod.metadata.uid);
    await this.#takeDown();
    this.#context.probes.removePod(this.#pod.metadata.uid);
    await this.#context.volumes.unmountVolumes(this.#pod.metadata.uid);
    await removePodCgroup(this.#context, this.#pod);
    await this.#report(true);
    this.#stage = 'ended';
    return this.#finish();
  }

  async #takeDown(): Promise<RuntimePod> {
    const runtime = await this.#context.runtime.pod(identityOf(this.#pod));
    // A grace of 0 still lets the container hear of it (`killContainer` of the kubelet).
    this.#grace ??= new Grace(Math.max(1, gracePeriodOf(this.#pod)));
    await this.#report(false);
    await killAllContainers(this.#context, this.#pod, runtime, this.#grace);
    const ended = await this.#context.runtime.pod(identityOf(this.#pod));
    await this.#report(false);
    await stopSandboxes(this.#context, ended);
    return ended;
  }

  #finish(): undefined {
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
  async #report(ended: boolean): Promise<V1PodStatus> {
    const context = this.#context;
    const runtime = await withTerminationMessages(await context.runtime.pod(identityOf(this.#pod)), this.#lastWords);
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
