import type { PolicyProgram, PolicyVariable } from '../../../api/kinds/admissionregistration/policyExpressions.ts';
import { CelError } from '../../../api/cel/values/celError.ts';
import { CelMap } from '../../../api/cel/values/map.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import type { Bindings, Budget, Outcome, Program } from '../../../api/cel/types.ts';
import { OUT_OF_BUDGET } from '../webhooks/matchConditions.ts';

/** All expressions that are evaluated together have cost more than they may. */
export class OutOfBudgetError extends Error {
  constructor() {
    super(OUT_OF_BUDGET);
  }
}

/** Units of cost after which others get their turn. */
const TURN = 5_000;

/** What an expression gave, or why it has no value. */
export type ExpressionResult = { readonly ok: true; readonly value: CelValue } | { readonly ok: false; readonly message: string };

/** An expression needs a variable whose own expression has loops: that is evaluated first, in turns, and then the expression again. */
class VariableNeeded extends Error {
  readonly evaluation: () => Generator<void, void>;

  constructor(name: string, evaluation: () => Generator<void, void>) {
    super(`the variable ${name} is not evaluated yet`);
    this.evaluation = evaluation;
  }
}

/** Evaluates an expression in turns, and before it the variables that it asks for. What it cost before it asked is not counted. */
function* outcomeOf(program: Program, bindings: Bindings, budget: Budget): Generator<void, Outcome> {
  for (;;) {
    try {
      return yield* program.evaluation(bindings, budget);
    } catch (error) {
      if (!(error instanceof VariableNeeded)) throw error;
      yield* error.evaluation();
    }
  }
}

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

  /** Throws `VariableNeeded`. */
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

  #evaluate({ name, program: compiled }: PolicyVariable): CelValue {
    if (!compiled.ok) return new CelError(`composited variable ${JSON.stringify(name)} fails to compile: ${compiled.fault}`);
    const { program } = compiled;
    if (program.hasLoops) throw new VariableNeeded(name, () => this.#evaluation(name, program));
    return valueOf(name, program.evaluate(this.#bindings, this.#budget));
  }

  *#evaluation(name: string, program: Program): Generator<void, void> {
    this.#known.set(name, valueOf(name, yield* outcomeOf(program, this.#bindings, this.#budget)));
  }
}

const valueOf = (name: string, outcome: Outcome): CelValue => (outcome.ok ? outcome.value : new CelError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${outcome.message}`));

/** Evaluates expressions that share variables, one after the other, on one budget (upstream's `ForInput`). */
export class Expressions {
  readonly #bindings: Bindings;
  readonly #budget: Budget;

  constructor(variables: readonly PolicyVariable[], bindings: Bindings, budget: Budget) {
    this.#budget = budget;
    this.#bindings = variables.length === 0 ? bindings : { ...bindings, variables: new Variables(variables, bindings, budget) };
  }

  /** Yields after every few milliseconds of work, and behind an expression that took as long. Throws an `OutOfBudgetError`. */
  *evaluate(program: PolicyProgram): Generator<void, ExpressionResult> {
    if (!program.ok) return { ok: false, message: `compilation error: ${program.fault}` };
    const outcome = yield* outcomeOf(program.program, this.#bindings, this.#budget);
    if (outcome.cost > TURN) yield;
    if (this.#budget.remaining < 0) throw new OutOfBudgetError();
    return outcome.ok ? outcome : { ok: false, message: `expression '${program.program.text}' resulted in error: ${outcome.message}` };
  }
}
