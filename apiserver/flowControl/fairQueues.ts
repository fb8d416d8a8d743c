import type { Clock, Timer } from '../../process/clock.ts';
import type { Ticket } from '../request/requestLimit.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { SeatDemand } from './seatDemand.ts';
import { dealHand } from './shuffleSharding.ts';
import { seatsOf } from './workEstimate.ts';
import type { WorkEstimate } from './workEstimate.ts';

export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** A request is turned away. */
export class Rejected extends Error {
  readonly reason: Rejection;

  constructor(reason: Rejection) {
    super(reason);
    this.reason = reason;
  }
}

export interface QueueSettings {
  readonly queues: number;
  readonly handSize: number;
  /** Requests that may wait in one queue. */
  readonly queueLengthLimit: number;
}

/** One request at the door. */
export interface Arrival {
  /** Name of the FlowSchema and what tells its flows apart. */
  readonly schema: string;
  readonly distinguisher: string;
  readonly work: WorkEstimate;
  readonly info: RequestInfo;
  readonly user: UserInfo;
}

export interface Waiting extends Arrival {
  /** Wall-clock milliseconds. */
  readonly arrived: number;
  readonly began: number;
  readonly admit: (ticket: Ticket) => void;
}

export interface Queue {
  readonly waiting: Waiting[];
  executing: number;
  seatsInUse: number;
  /** Virtual time at which its next request would begin. */
  nextStart: number;
}

/** How long a request is taken to last until it is over, in milliseconds. */
const ASSUMED_MS = 3;

/** What a request is taken to use of its level, in seats times milliseconds. */
export const assumedWork = ({ initialSeats, finalSeats, lingerMilliseconds }: WorkEstimate): number => initialSeats * ASSUMED_MS + finalSeats * lingerMilliseconds;

/**
 * The seats of a priority level and those who wait for them.
 * 1. At most `limit` seats are in use; a request that is wider than that goes alone.
 * 2. Nobody enters past those who wait.
 * 3. Of the queues that wait, the one goes next whose request would be over first, were all served at once: a flow that fills its queues
 *    slows itself down, and others only where they share all queues of their hands.
 */
export class FairQueues {
  readonly #clock: Clock;
  readonly #demand: SeatDemand;
  #limit = 0;
  /** Undefined: what does not fit is turned away. */
  #settings: QueueSettings | undefined;
  #queues: Queue[] = [];
  /** Virtual time: the start of what was last let in. */
  #virtual = 0;
  #turn = 0;
  #waiting = 0;
  #waitingSeats = 0;
  #executing = 0;
  #seatsInUse = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#demand = new SeatDemand(clock.monotonic());
  }

  get limit(): number {
    return this.#limit;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get executing(): number {
    return this.#executing;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get queues(): readonly Queue[] {
    return this.#queues;
  }

  /** Queues that a flow may use; undefined where there are none. */
  get handSize(): number | undefined {
    return this.#settings?.handSize;
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#executing === 0;
  }

  /** Those who wait in queues that are no more go on waiting in the last ones. */
  configure(settings: QueueSettings | undefined): void {
    this.#settings = settings;
    const wanted = settings?.queues ?? 0;
    while (this.#queues.length < wanted) this.#queues.push({ waiting: [], executing: 0, seatsInUse: 0, nextStart: this.#virtual });
    while (this.#queues.length > wanted && this.#queues.at(-1)!.waiting.length === 0) this.#queues.pop();
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#dispatch();
  }

  /** Seats that were asked for since the last time, see `SeatDemand.take`. */
  takeDemand(): ReturnType<SeatDemand['take']> {
    return this.#demand.take(this.#clock.monotonic());
  }

  /** Lets a request in at once, or when it is its turn. Throws, or rejects with, `Rejected`. */
  enter(arrival: Arrival, waitMilliseconds: number, signal: AbortSignal): Ticket | Promise<Ticket> {
    if (this.#waiting === 0 && this.#fits(seatsOf(arrival.work))) return this.#start(arrival.work, undefined);
    const settings = this.#settings;
    if (!settings) throw new Rejected('concurrency-limit');
    const queue = this.#chooseQueue(arrival, settings);
    if (queue.waiting.length >= settings.queueLengthLimit) throw new Rejected('queue-full');
    return this.#wait(queue, arrival, waitMilliseconds, signal);
  }

  #fits(seats: number): boolean {
    return seats > this.#limit ? this.#executing === 0 : this.#seatsInUse + seats <= this.#limit;
  }

  /** Of the flow's queues, the one with the least to do. */
  #chooseQueue({ schema, distinguisher }: Arrival, { queues, handSize }: QueueSettings): Queue {
    let best: Queue | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const card of dealHand(schema, distinguisher, queues, handSize)) {
      const queue = this.#queues[card]!;
      const load = queue.waiting.reduce((sum, { work }) => sum + seatsOf(work), queue.seatsInUse);
      if (load >= least) continue;
      least = load;
      best = queue;
    }
    return best!;
  }

  #wait(queue: Queue, arrival: Arrival, milliseconds: number, signal: AbortSignal): Promise<Ticket> {
    if (signal.aborted) return Promise.reject(new Rejected('cancelled'));
    return new Promise((resolve, reject) => {
      let late: Timer | undefined;
      const settle = (): void => {
        late?.cancel();
        signal.removeEventListener('abort', gone);
      };
      const waiting: Waiting = {
        ...arrival,
        arrived: this.#clock.now(),
        began: this.#clock.monotonic(),
        admit: (ticket) => {
          settle();
          resolve(ticket);
        },
      };
      const giveUp = (reason: Rejection): void => {
        settle();
        const at = queue.waiting.indexOf(waiting);
        if (at < 0) return;
        queue.waiting.splice(at, 1);
        this.#count(-1, -seatsOf(arrival.work));
        reject(new Rejected(reason));
        this.#dispatch();
      };
      const gone = (): void => giveUp('cancelled');
      if (queue.waiting.length === 0 && queue.executing === 0) queue.nextStart = Math.max(queue.nextStart, this.#virtual);
      queue.waiting.push(waiting);
      this.#count(1, seatsOf(arrival.work));
      late = this.#clock.setTimeout(() => giveUp('time-out'), milliseconds);
      signal.addEventListener('abort', gone, { once: true });
      this.#dispatch();
    });
  }

  #count(requests: number, seats: number): void {
    this.#waiting += requests;
    this.#waitingSeats += seats;
    this.#note();
  }

  #note(): void {
    this.#demand.set(this.#seatsInUse + this.#waitingSeats, this.#clock.monotonic());
  }

  #start(work: WorkEstimate, queue: Queue | undefined): Ticket {
    const seats = seatsOf(work);
    this.#executing += 1;
    this.#seatsInUse += seats;
    this.#note();
    const began = queue ? this.#clock.monotonic() : 0;
    if (queue) {
      queue.executing += 1;
      queue.seatsInUse += seats;
      this.#virtual = Math.max(this.#virtual, queue.nextStart);
      queue.nextStart += assumedWork(work);
    }
    let isOver = false;
    return {
      leave: () => {
        if (isOver) return;
        isOver = true;
        this.#executing -= 1;
        if (queue) {
          queue.executing -= 1;
          queue.nextStart += work.initialSeats * (this.#clock.monotonic() - began - ASSUMED_MS);
        }
        if (work.finalSeats > 0) this.#clock.setTimeout(() => this.#release(seats, queue), this.#lingering(work));
        else this.#release(seats, queue);
      },
    };
  }

  #release(seats: number, queue: Queue | undefined): void {
    this.#seatsInUse -= seats;
    if (queue) queue.seatsInUse -= seats;
    this.#note();
    if (this.#waiting > 0) this.#dispatch();
  }

  /** Seats that the level does not have are made up for by time. */
  #lingering({ finalSeats, lingerMilliseconds }: WorkEstimate): number {
    const most = Math.max(1, this.#limit);
    return finalSeats > most ? (finalSeats * lingerMilliseconds) / most : lingerMilliseconds;
  }

  #dispatch(): void {
    while (this.#waiting > 0) {
      const at = this.#next();
      const queue = this.#queues[at]!;
      const head = queue.waiting[0]!;
      if (!this.#fits(seatsOf(head.work))) return;
      queue.waiting.shift();
      this.#turn = at + 1;
      this.#count(-1, -seatsOf(head.work));
      head.admit(this.#start(head.work, queue));
    }
  }

  /** Where several are alike, they take turns. */
  #next(): number {
    let best = -1;
    let soonest = Number.POSITIVE_INFINITY;
    for (let step = 0; step < this.#queues.length; step += 1) {
      const at = (this.#turn + step) % this.#queues.length;
      const queue = this.#queues[at]!;
      const head = queue.waiting[0];
      if (!head) continue;
      const finish = queue.nextStart + assumedWork(head.work);
      if (finish >= soonest) continue;
      soonest = finish;
      best = at;
    }
    return best;
  }
}
