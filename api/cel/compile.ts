import { atOnce } from './atOnce.ts';
import type { Expr } from './ast.ts';
import { check } from './checker.ts';
import type { Checked } from './checker.ts';
import { ConstantFault } from './constants.ts';
import { estimateCost } from './estimate.ts';
import { kubernetesFunctions } from './functions.ts';
import { formatIssues } from './issues.ts';
import type { Issue } from './issues.ts';
import { parse } from './parser.ts';
import { plan } from './plan.ts';
import { Run } from './run.ts';
import { NO_PLACES, valueOf } from './step.ts';
import type { Plan } from './step.ts';
import { PER_CALL_LIMIT } from './types.ts';
import type { Bindings, Budget, Compiled, CompileOptions, Environment, Outcome, Program } from './types.ts';
import { CelError, CostExceeded } from './values/celError.ts';
import type { CelValue } from './values/value.ts';
import { validate } from './validators.ts';

/** Parses and checks an expression, and makes it ready to run. */
export function compile(text: string, environment: Environment, options: CompileOptions = {}): Compiled {
  const parsed = parse(text, environment.bindings);
  if (parsed.issues) return refuse(text, parsed.issues);
  const checked = check(parsed.expr, environment, kubernetesFunctions(environment.constructs !== undefined), options);
  const issues = checked.issues.length > 0 ? checked.issues : validate(checked);
  if (issues.length > 0) return refuse(text, issues);
  const planned = planOf(checked, parsed.expr);
  if (planned instanceof ConstantFault) return { ok: false, fault: `program instantiation failed: ${planned.message}`, message: planned.message };
  const program: Program = {
    text,
    resultType: checked.typeOf(parsed.expr),
    references: checked.references,
    estimate: estimateCost(checked, environment.variables['self']),
    hasLoops: planned.walk !== undefined,
    evaluate: (bindings, budget) => evaluate(planned, bindings, budget),
    evaluation: (bindings, budget) => evaluation(planned, bindings, budget),
  };
  return { ok: true, program };
}

function refuse(text: string, issues: readonly Issue[]): Compiled {
  const message = formatIssues(text, issues);
  return { ok: false, fault: `compilation failed: ${message}`, message };
}

function planOf(checked: Checked, expr: Expr): Plan | ConstantFault {
  try {
    return plan(checked, expr, NO_PLACES);
  } catch (error) {
    if (error instanceof ConstantFault) return error;
    throw error;
  }
}

/** Units of cost after which others get their turn: some milliseconds of work, in most expressions less than one. */
const TURN = 10_000;

function evaluate(planned: Plan, bindings: Bindings, budget: Budget): Outcome {
  const run = new Run(bindings, budget.perCall ?? PER_CALL_LIMIT);
  try {
    return succeeded(planned.step ? planned.step(run) : atOnce(valueOf(planned, run)), run, budget);
  } catch (error) {
    return exhausted(error, run, budget);
  }
}

function* evaluation(planned: Plan, bindings: Bindings, budget: Budget): Generator<void, Outcome> {
  if (!planned.walk) return evaluate(planned, bindings, budget);
  const run = new Run(bindings, budget.perCall ?? PER_CALL_LIMIT);
  const work = valueOf(planned, run);
  try {
    for (;;) {
      run.beginTurn(TURN);
      const { value, done } = work.next();
      if (done) return succeeded(value, run, budget);
      yield;
    }
  } catch (error) {
    return exhausted(error, run, budget);
  }
}

function succeeded(value: CelValue, { cost }: Run, budget: Budget): Outcome {
  budget.remaining -= cost;
  return value instanceof CelError ? { ok: false, kind: 'failed', message: value.message, cost } : { ok: true, value, cost };
}

/** Throws what is no such error. */
function exhausted(error: unknown, { cost }: Run, budget: Budget): Outcome {
  if (!(error instanceof CostExceeded)) throw error;
  budget.remaining -= cost;
  return { ok: false, kind: 'exhausted', message: error.message, cost };
}
