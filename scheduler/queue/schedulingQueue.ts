import type { Clock, Timer } from '../../process/clock.ts';
import type { PodInfo } from '../cache/podInfo.ts';
import { heldBack, type Profile } from '../framework/profile.ts';
import type { ClusterEvent } from '../framework/types.ts';
import { prioritySort } from '../plugins/prioritySort.ts';
import { Heap } from './heap.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo;
  readonly profile: Profile;
  /** When it last came into the queue (monotonic). */
  timestamp: number;
  /** When it first did. */
  readonly firstSeen: number;
  attempts: number;
  /** Plugins that rejected it; none after an error, which anything may have cured. */
  rejectedBy: ReadonlySet<string>;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly initialBackoff?: number;
  readonly maximumBackoff?: number;
}

/** After so long a pod is tried again though nothing happened that could help it. */
const UNSCHEDULABLE_MILLISECONDS = 5 * 60_000;
const FLUSH_MILLISECONDS = 30_000;

/**
 * Pods without a node, each in one of four places: *active* (to be tried now, the most important first), *backoff* (to be tried
 * when its delay is over, 1 s doubling to 10 s, or when there is nothing else to do), *unschedulable* (until an event that could help it), *gated* (not to be tried).
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #initialBackoff: number;
  readonly #maximumBackoff: number;
  readonly #active = new Heap<QueuedPod>(idOf, prioritySort);
  /** Pods that something may have helped; when nothing is active they need not wait (Kubernetes' SchedulerPopFromBackoffQ). */
  readonly #backoff: Heap<QueuedPod>;
  /** Pods whose last attempt ended in an error; they wait in any case. */
  readonly #errorBackoff: Heap<QueuedPod>;
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #gated = new Map<string, QueuedPod>();
  readonly #waiting = new Set<() => void>();
  #backoffTimer: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(options: QueueOptions) {
    this.#clock = options.clock;
    this.#initialBackoff = options.initialBackoff ?? 1000;
    this.#maximumBackoff = options.maximumBackoff ?? 10_000;
    const endsEarlier = (left: QueuedPod, right: QueuedPod): boolean => this.#backoffEnd(left) < this.#backoffEnd(right);
    this.#backoff = new Heap<QueuedPod>(idOf, endsEarlier);
    this.#errorBackoff = new Heap<QueuedPod>(idOf, endsEarlier);
  }

  /** How many pods are where, by the names that Kubernetes' metrics use. */
  get sizes(): { readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly gated: number } {
    return { active: this.#active.size, backoff: this.#backoff.size + this.#errorBackoff.size, unschedulable: this.#unschedulable.size, gated: this.#gated.size };
  }

  has(uid: string): boolean {
    return this.#find(uid) !== undefined;
  }

  add(info: PodInfo, profile: Profile): void {
    const now = this.#clock.monotonic();
    this.#enqueue({ info, profile, timestamp: now, firstSeen: now, attempts: 0, rejectedBy: new Set() });
  }

  /** A newer version of a pod. `changed`: in something that decides where it fits, not only in its status. */
  update(info: PodInfo, profile: Profile, changed: boolean): void {
    const queued = this.#find(info.uid);
    if (!queued) return this.add(info, profile);
    const gated = this.#gated.delete(info.uid);
    queued.info = info;
    if (gated) this.#enqueue(queued);
    else if (this.#active.get(info.uid)) this.#active.push(queued);
    else if (changed && this.#unschedulable.delete(info.uid)) this.#retry(queued);
  }

  delete(uid: string): void {
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#errorBackoff.delete(uid);
    this.#unschedulable.delete(uid);
    this.#gated.delete(uid);
  }

  /** The most important pod that is to be tried now. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop();
    if (queued) queued.attempts += 1;
    return queued;
  }

  /** Resolves when a pod may be there to pop, or with the signal. */
  wait(signal: AbortSignal): Promise<void> {
    if (this.#active.size > 0 || this.#backoff.size > 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Takes back a pod that fits nowhere; it waits for an event that one of the plugins which rejected it names. */
  addUnschedulable(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    queued.rejectedBy = rejectedBy;
    queued.timestamp = this.#clock.monotonic();
    this.#unschedulable.set(queued.info.uid, queued);
  }

  /** Takes back a pod whose attempt failed by an error. */
  addFailed(queued: QueuedPod): void {
    queued.rejectedBy = new Set();
    queued.timestamp = this.#clock.monotonic();
    this.#errorBackoff.push(queued);
    this.#planBackoff();
  }

  /** Something happened: those whom it may help are tried again, after their delay. */
  moveFor(event: ClusterEvent): void {
    for (const [uid, queued] of this.#unschedulable) {
      if (!mayHelp(queued, event)) continue;
      this.#unschedulable.delete(uid);
      this.#retry(queued);
    }
  }

  /** Retries those whose delay is over, and those that have waited for 5 minutes; runs until the signal, and may be run again after it. */
  async flushRegularly(signal: AbortSignal): Promise<void> {
    this.#planBackoff();
    while (!signal.aborted) {
      await this.#clock.sleep(FLUSH_MILLISECONDS, signal);
      const now = this.#clock.monotonic();
      for (const [uid, queued] of this.#unschedulable) {
        if (now - queued.timestamp < UNSCHEDULABLE_MILLISECONDS) continue;
        this.#unschedulable.delete(uid);
        this.#retry(queued);
      }
    }
    this.#backoffTimer?.timer.cancel();
    this.#backoffTimer = undefined;
  }

  #find(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#errorBackoff.get(uid) ?? this.#unschedulable.get(uid) ?? this.#gated.get(uid);
  }

  #enqueue(queued: QueuedPod): void {
    if (heldBack(queued.profile, queued.info)) this.#gated.set(queued.info.uid, queued);
    else this.#toActive(queued);
  }

  #retry(queued: QueuedPod): void {
    if (this.#backoffEnd(queued) <= this.#clock.monotonic()) return this.#toActive(queued);
    this.#backoff.push(queued);
    this.#planBackoff();
    this.#wake();
  }

  #toActive(queued: QueuedPod): void {
    this.#active.push(queued);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #backoffEnd({ timestamp, attempts }: QueuedPod): number {
    return attempts === 0 ? timestamp : timestamp + Math.min(this.#initialBackoff * 2 ** (attempts - 1), this.#maximumBackoff);
  }

  #planBackoff(): void {
    const ends = [this.#backoff.peek(), this.#errorBackoff.peek()].map((first) => (first ? this.#backoffEnd(first) : Infinity));
    const at = Math.min(...ends);
    if (at >= (this.#backoffTimer?.at ?? Infinity)) return;
    this.#backoffTimer?.timer.cancel();
    const timer = this.#clock.setTimeout(() => this.#endBackoff(), at - this.#clock.monotonic());
    this.#backoffTimer = { at, timer };
  }

  #endBackoff(): void {
    this.#backoffTimer = undefined;
    const now = this.#clock.monotonic();
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let first = heap.peek(); first && this.#backoffEnd(first) <= now; first = heap.peek()) {
        heap.pop();
        this.#toActive(first);
      }
    }
    this.#planBackoff();
  }
}

function idOf({ info }: QueuedPod): string {
  return info.uid;
}

function mayHelp({ info, profile, rejectedBy }: QueuedPod, event: ClusterEvent): boolean {
  if (rejectedBy.size === 0) return true;
  return profile.filters.some((plugin) => rejectedBy.has(plugin.name) && plugin.events?.includes(event.kind) && (plugin.mayHelp?.(info, event) ?? true));
}
