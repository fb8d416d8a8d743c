import { CelError, CostExceeded } from './values/celError.ts';
import type { CelValue } from './values/value.ts';
import type { Bindings } from './types.ts';

/** One evaluation: its variables, and what it has cost. */
export class Run {
  cost = 0;
  /** Values of the variables of macros, by the places that the plan gave them. */
  readonly locals: CelValue[] = [];
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
