import { Meter } from '../patterns/meter.ts';
import { CALL_STEPS } from './overload.ts';
import { CelError, CostExceeded } from './values/celError.ts';
import type { CelValue } from './values/value.ts';
import type { Bindings } from './types.ts';

/** Steps of matching that take about as long as what costs one unit. */
const STEPS_PER_UNIT = 20;

/** One evaluation: its variables, and what it has cost. */
export class Run {
  cost = 0;
  /** Values of the variables of macros, by the places that the plan gave them; undefined where nobody asked for it yet. */
  readonly locals: (CelValue | undefined)[] = [];
  /** Values of the parts of the operation that is next, where they were found one by one. */
  operands: readonly CelValue[] = [];
  /** What may be spent until others are to have their turn. */
  turnEnds = Number.POSITIVE_INFINITY;
  #work = 0;
  readonly #limit: number;
  readonly #bindings: Bindings;
  readonly #known = new Map<string, CelValue>();

  constructor(bindings: Bindings, limit: number) {
    this.#bindings = bindings;
    this.#limit = limit;
  }

  /** Throws `CostExceeded` when it is too much. */
  charge(units: number): void {
    this.cost += units;
    if (this.cost > this.#limit) throw new CostExceeded();
  }

  /** Calls a function whose work is not what it costs, and keeps account of that. */
  metered(call: (meter: Meter, ...args: CelValue[]) => CelValue, args: readonly CelValue[]): CelValue {
    const meter = new Meter(CALL_STEPS);
    const value = call(meter, ...args);
    this.#work += (CALL_STEPS - meter.remaining) / STEPS_PER_UNIT;
    return value;
  }

  /** Keeps account of work that costs less than it takes. */
  worked(units: number): void {
    this.#work += units;
  }

  /** Whether the evaluation yields at all. */
  get inTurns(): boolean {
    return this.turnEnds !== Number.POSITIVE_INFINITY;
  }

  /** Whether it is time to let others have their turn: what it has cost, and work that costs nothing, is more than one turn has. */
  get isDue(): boolean {
    return this.cost + this.#work >= this.turnEnds;
  }

  /** Begins a turn of so many units. */
  beginTurn(units: number): void {
    this.turnEnds = this.cost + this.#work + units;
  }

  variable(name: string): CelValue {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const given = Object.hasOwn(this.#bindings, name) ? this.#bindings[name] : undefined;
    const value = typeof given === 'function' ? given() : given;
    if (value === undefined) return new CelError(`no such attribute(s): ${name}`);
    this.#known.set(name, value);
    return value;
  }
}
