import type { V1PriorityLevelConfiguration } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import type { Ticket } from '../request/requestLimit.ts';
import type { LevelLimits, LevelShare } from './concurrency.ts';
import { DroppedRequests } from './droppedRequests.ts';
import { FairQueues } from './fairQueues.ts';
import { mostSeats } from './workEstimate.ts';

/** A priority level at work. */
export class PriorityLevel {
  readonly name: string;
  readonly queues: FairQueues;
  readonly dropped = new DroppedRequests();
  /** Its object is gone; those who are in it are served to the end. */
  isQuiescing = false;
  #object: V1PriorityLevelConfiguration | undefined;
  #limits: LevelLimits = { nominal: 0, lower: 0, upper: 0 };
  #exempt = 0;
  #mostExempt = 0;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.queues = new FairQueues(clock);
  }

  get uid(): string {
    return this.#object?.metadata.uid ?? '';
  }

  get isExempt(): boolean {
    return this.#object?.spec?.type === 'Exempt';
  }

  /** The most that one request may take; undefined: nothing says. */
  get mostSeats(): number | undefined {
    return mostSeats(this.#limits.nominal, this.queues.handSize);
  }

  get limits(): LevelLimits {
    return this.#limits;
  }

  get share(): LevelShare {
    const { exempt, limited } = this.#object?.spec ?? {};
    const part = this.isExempt ? exempt : limited;
    return {
      isExempt: this.isExempt,
      shares: part?.nominalConcurrencyShares ?? (this.isExempt ? 0 : 30),
      lendablePercent: part?.lendablePercent ?? 0,
      borrowingLimitPercent: limited?.borrowingLimitPercent,
    };
  }

  /** Requests that are worked on. */
  get executing(): number {
    return this.#exempt + this.queues.executing;
  }

  configure(object: V1PriorityLevelConfiguration): void {
    this.#object = object;
    this.isQuiescing = false;
    const { type, queuing } = object.spec?.limited?.limitResponse ?? { type: 'Reject' };
    this.queues.configure(type === 'Queue' ? { queues: queuing?.queues ?? 64, handSize: queuing?.handSize ?? 8, queueLengthLimit: queuing?.queueLengthLimit ?? 50 } : undefined);
  }

  setLimits(limits: LevelLimits): void {
    this.#limits = limits;
  }

  /** What was in use and asked for since the last time; of what nothing limits, only the most at a time counts. */
  takeDemand(): { readonly high: number; readonly smooth: number } {
    if (!this.isExempt) return this.queues.takeDemand();
    const high = this.#mostExempt;
    this.#mostExempt = this.#exempt;
    return { high, smooth: 0 };
  }

  /** Lets a request in that nothing limits. */
  enterExempt(): Ticket {
    this.#exempt += 1;
    if (this.#exempt > this.#mostExempt) this.#mostExempt = this.#exempt;
    return { leave: () => void (this.#exempt -= 1) };
  }
}
