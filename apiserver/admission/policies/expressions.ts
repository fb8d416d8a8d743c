import type { PolicyProgram, PolicyVariable } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { CelError } from '../../../api/cel/values/celError.ts';
import { CelMap } from '../../../api/cel/values/map.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import type { Bindings, Budget } from '../../../api/cel/types.ts';
import { OUT_OF_BUDGET } from '../webhooks/matchConditions.ts';

/** All expressions that are evaluated together have cost more than they may. */
export class OutOfBudgetError extends Error {
  constructor() {
    super(OUT_OF_BUDGET);
  }
}

/** What an expression gave, or why it has no value. */
export type ExpressionResult = { readonly ok: true; readonly value: CelValue } | { readonly ok: false; readonly message: string };

/** The variables of a policy: each is evaluated when an expression first asks for it, once for all expressions that share this object. */
class Variables extends CelMap {
  readonly #known = new Map<string, CelValue>();
  readonly #variables: ReadonlyMap<string, PolicyVariable>;
  readonly #bindings: Bindings;
  readonly #budget: Budget;

  constructor(variables: readonly PolicyVariable[], bindings: Bindings, budget: Budget) {
    super();
    this.#variables = new Map(variables.map((each) => [each.name, each]));
    this.#bindings = { ...bindings, variables: this };
    this.#budget = budget;
  }

  get size(): number {
    return this.#variables.size;
  }

  get(key: CelValue): CelValue | undefined {
    const variable = typeof key === 'string' ? this.#variables.get(key) : undefined;
    if (!variable) return undefined;
    let value = this.#known.get(variable.name);
    if (value === undefined) this.#known.set(variable.name, (value = this.#evaluate(variable)));
    return value;
  }

  keys(): Iterable<CelValue> {
    return this.#variables.keys();
  }

  #evaluate({ name, program }: PolicyVariable): CelValue {
    const quoted = JSON.stringify(name);
    if (!program.ok) return new CelError(`composited variable ${quoted} fails to compile: ${program.fault}`);
    const outcome = program.program.evaluate(this.#bindings, this.#budget);
    return outcome.ok ? outcome.value : new CelError(`composited variable ${quoted} fails to evaluate: ${outcome.message}`);
  }
}

/** Evaluates expressions that share variables, one after the other, on one budget (upstream's `ForInput`). */
export class Expressions {
  readonly #bindings: Bindings;
  readonly #budget: Budget;

  constructor(variables: readonly PolicyVariable[], bindings: Bindings, budget: Budget) {
    this.#budget = budget;
    this.#bindings = variables.length === 0 ? bindings : { ...bindings, variables: new Variables(variables, bindings, budget) };
  }

  /** Throws an `OutOfBudgetError`. */
  evaluate(program: PolicyProgram): ExpressionResult {
    if (!program.ok) return { ok: false, message: `compilation error: ${program.fault}` };
    const outcome = program.program.evaluate(this.#bindings, this.#budget);
    if (this.#budget.remaining < 0) throw new OutOfBudgetError();
    return outcome.ok ? outcome : { ok: false, message: `expression '${program.program.text}' resulted in error: ${outcome.message}` };
  }
}
