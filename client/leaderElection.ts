import { ApiError } from '../api/apiError.ts';
import type { V1Lease, V1LeaseSpec } from '../api/generated/types.ts';
import { type Clock, formatMicroTime } from '../process/clock.ts';
import type { Logger } from '../process/log.ts';
import { Leases } from './resources.ts';
import type { EventRecorder, KubeClient } from './types.ts';

/** Kubernetes' defaults, in milliseconds: 15 s, 10 s and 2 s. */
export interface LeaseTimes {
  readonly leaseDuration?: number;
  readonly renewDeadline?: number;
  readonly retryPeriod?: number;
}

export interface LeaderElectionOptions extends LeaseTimes {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unlike every other candidate's, also of those that run on the same host: `<hostname>_<random>`. */
  readonly identity: string;
  /** Whether another candidate is known to have ended without a release, so that its lease need not run out. */
  readonly hasEnded?: (identity: string) => boolean;
  readonly recorder?: EventRecorder;
  readonly random?: () => number;
}

/** How long a release may take. */
const RELEASE_MILLISECONDS = 5000;

const FIRST_PAUSE_MILLISECONDS = 100;

/**
 * Elects one of several candidates by a Lease.
 * 1. At most one candidate's `isLeader()` is true at a time, however wrong the hosts' clocks are: the age of a lease counts
 *    from when its last change was seen, on the observer's own monotonic clock.
 * 2. `isLeader()` turns false by itself `renewDeadline` after the last renewal that succeeded was sent.
 * 3. A leader that stops releases the lease, so that another one need not wait.
 */
export class LeaderElector {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: LeaderElectionOptions;
  readonly #leaseDuration: number;
  readonly #renewDeadline: number;
  readonly #retryPeriod: number;
  /** The lease as last seen, and when its present state was first seen (monotonic). */
  #observed: V1Lease | undefined;
  #observedAt = -Infinity;
  /** Until when writes are safe (monotonic); -Infinity while somebody else leads. */
  #deadline = -Infinity;
  #leader = '';
  /** Attempts in a row that ended in an error. */
  #failures = 0;

  constructor(options: LeaderElectionOptions) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger.child({ lease: `${options.lease.namespace}/${options.lease.name}` });
    this.#options = options;
    this.#leaseDuration = options.leaseDuration ?? 15_000;
    this.#renewDeadline = options.renewDeadline ?? 10_000;
    this.#retryPeriod = options.retryPeriod ?? 2000;
    if (this.#renewDeadline >= this.#leaseDuration) throw new Error('leaseDuration must be greater than renewDeadline');
    if (this.#retryPeriod * 1.2 >= this.#renewDeadline) throw new Error('renewDeadline must be greater than retryPeriod*JitterFactor');
  }

  /** Whether this process may write as the leader at this moment. */
  isLeader(): boolean {
    return this.#clock.monotonic() < this.#deadline;
  }

  /** Who holds the lease as far as is known; '' when nobody. */
  get leader(): string {
    return this.#leader;
  }

  /**
   * Waits to be elected, then runs `lead` until it is no longer; then waits again. Ends after the signal, once `lead` has ended
   * and the lease is released. `lead` gets a signal of its own; what it throws ends the whole.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!(await this.#attempt())) {
        await this.#clock.sleep(this.#pause() * (1 + 1.2 * this.#random()), signal);
        continue;
      }
      await this.#lead(lead, signal);
    }
  }

  /** A lease that another holds is looked at every retryPeriod; a question that failed (a cluster that is just starting) is asked again sooner at first. */
  #pause(): number {
    return this.#failures === 0 ? this.#retryPeriod : Math.min(this.#retryPeriod, FIRST_PAUSE_MILLISECONDS * 2 ** (this.#failures - 1));
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }

  async #lead(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#logger.info('successfully acquired lease', { identity: this.#options.identity });
    if (this.#observed) this.#options.recorder?.event(this.#observed, 'Normal', 'LeaderElection', `${this.#options.identity} became leader`);
    const lost = new AbortController();
    const stop = (): void => lost.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.all([this.#renewUntilLost(lost), lead(lost.signal).finally(stop)]);
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#release();
    }
  }

  async #renewUntilLost(lost: AbortController): Promise<void> {
    while (!lost.signal.aborted) {
      await this.#clock.sleep(this.#retryPeriod, lost.signal);
      if (lost.signal.aborted) return;
      await this.#attemptBefore(this.#deadline);
      if (this.isLeader()) continue;
      this.#logger.warn('lost the lease', { identity: this.#options.identity });
      this.#options.recorder?.event(this.#observed ?? emptyLease(this.#options.lease), 'Normal', 'LeaderElection', `${this.#options.identity} stopped leading`);
      lost.abort();
    }
  }

  /** An attempt that is given up when its success would come too late. */
  async #attemptBefore(deadline: number): Promise<void> {
    const enough = new AbortController();
    const attempt = this.#attempt().finally(() => enough.abort());
    await Promise.race([attempt, this.#clock.sleep(Math.max(0, deadline - this.#clock.monotonic()), enough.signal)]);
  }

  /** Takes or renews the lease if that is possible now. Never throws: what went wrong is logged, and tried again later. */
  async #attempt(): Promise<boolean> {
    const sentAt = this.#clock.monotonic();
    try {
      const lease = await this.#read();
      if (lease && this.#isHeldByOther(lease)) {
        this.#deadline = -Infinity;
        this.#failures = 0;
        return false;
      }
      const spec = this.#claim(lease?.spec);
      const { namespace, name } = this.#options.lease;
      const written = lease
        ? await this.#client.update(Leases, { ...lease, spec })
        : await this.#client.create(Leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec });
      this.#observe(written);
      this.#deadline = sentAt + this.#renewDeadline;
      this.#failures = 0;
      return true;
    } catch (error) {
      const lostRace = error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'AlreadyExists');
      if (lostRace) this.#observed = undefined;
      else this.#logger.warn('cannot acquire or renew the lease', { error });
      this.#failures += 1;
      return false;
    }
  }

  /** The lease; a leader takes what it wrote last for current, since a conflict would tell it otherwise. */
  async #read(): Promise<V1Lease | undefined> {
    if (this.#observed && this.isLeader()) return this.#observed;
    const { namespace, name } = this.#options.lease;
    try {
      const lease = await this.#client.get(Leases, name, namespace);
      this.#observe(lease);
      return lease;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  #observe(lease: V1Lease): void {
    if (lease.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) this.#observedAt = this.#clock.monotonic();
    this.#observed = lease;
    this.#leader = lease.spec?.holderIdentity ?? '';
  }

  /** Held by somebody else whose last sign of life was seen less than the lease's duration ago. */
  #isHeldByOther({ spec }: V1Lease): boolean {
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity || this.#options.hasEnded?.(holder)) return false;
    const duration = spec?.leaseDurationSeconds === undefined ? this.#leaseDuration : spec.leaseDurationSeconds * 1000;
    return this.#clock.monotonic() < this.#observedAt + duration;
  }

  #claim(previous: V1LeaseSpec | undefined): V1LeaseSpec {
    const now = formatMicroTime(this.#clock.now());
    const mine = previous?.holderIdentity === this.#options.identity;
    const transitions = previous?.leaseTransitions ?? 0;
    return {
      ...previous,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#leaseDuration / 1000),
      acquireTime: (mine ? previous.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: mine || previous === undefined ? transitions : transitions + 1,
    };
  }

  async #release(): Promise<void> {
    const lease = this.#observed;
    const held = this.isLeader();
    this.#deadline = -Infinity;
    if (!held || !lease) return;
    const now = formatMicroTime(this.#clock.now());
    const spec: V1LeaseSpec = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions: lease.spec?.leaseTransitions ?? 0 };
    const enough = new AbortController();
    const update = this.#client
      .update(Leases, { ...lease, spec })
      .then((released) => this.#observe(released))
      .catch((error: unknown) => this.#logger.warn('cannot release the lease; it will run out', { error }))
      .finally(() => enough.abort());
    // Nobody waits longer to stop than the others would wait for the lease to run out.
    await Promise.race([update, this.#clock.sleep(RELEASE_MILLISECONDS, enough.signal)]);
  }
}

function emptyLease({ namespace, name }: LeaderElectionOptions['lease']): { apiVersion: string; kind: string; metadata: { namespace: string; name: string } } {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } };
}
