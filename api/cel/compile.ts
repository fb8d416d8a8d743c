import type { Call, Expr } from './ast.ts';
import { check } from './checker.ts';
import type { Checked } from './checker.ts';
import { estimateCost } from './estimate.ts';
import { kubernetesFunctions } from './functions.ts';
import { formatIssues } from './issues.ts';
import type { Issue } from './issues.ts';
import { parse } from './parser.ts';
import { plan } from './plan.ts';
import { Run } from './run.ts';
import { NO_PLACES } from './step.ts';
import type { Step } from './step.ts';
import { PER_CALL_LIMIT } from './types.ts';
import type { Bindings, Budget, Compiled, CompileOptions, Environment, Outcome, Program } from './types.ts';
import { CelError, CostExceeded } from './values/celError.ts';
import { forEachPart } from './walk.ts';

/** Parses and checks an expression, and makes it ready to run. */
export function compile(text: string, environment: Environment, options: CompileOptions = {}): Compiled {
  const parsed = parse(text);
  if (parsed.issues) return refuse(text, parsed.issues);
  const checked = check(parsed.expr, environment, kubernetesFunctions(), options);
  const issues = checked.issues.length > 0 ? checked.issues : literalIssues(checked);
  if (issues.length > 0) return refuse(text, issues);
  const step = plan(checked, parsed.expr, NO_PLACES);
  const program: Program = {
    text,
    resultType: checked.typeOf(parsed.expr),
    references: checked.references,
    estimate: estimateCost(checked),
    evaluate: (bindings, budget) => evaluate(step, bindings, budget),
  };
  return { ok: true, program };
}

const refuse = (text: string, issues: readonly Issue[]): Compiled => ({ ok: false, message: formatIssues(text, issues) });

function evaluate(step: Step, bindings: Bindings, budget: Budget): Outcome {
  const run = new Run(bindings, budget.perCall ?? PER_CALL_LIMIT);
  try {
    const value = step(run);
    budget.remaining -= run.cost;
    return value instanceof CelError ? { ok: false, kind: 'failed', message: value.message, cost: run.cost } : { ok: true, value, cost: run.cost };
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    budget.remaining -= run.cost;
    return { ok: false, kind: 'exhausted', message: error.message, cost: run.cost };
  }
}

/** Functions whose constant argument is tried when the expression is compiled, with its place among the arguments. */
const TRIED: Readonly<Record<string, number>> = { duration: 0, timestamp: 0, matches: 1 };

/** Constants that can never be what they are given for. */
function literalIssues(checked: Checked): Issue[] {
  const issues: Issue[] = [];
  forEachPart(checked.expr, (part: Expr) => {
    if (part.kind !== 'call') return;
    const at = Object.hasOwn(TRIED, part.name) ? TRIED[part.name]! : undefined;
    const argument = at === undefined ? undefined : checked.calls.get(part)?.args[at];
    if (argument?.kind === 'literal' && typeof argument.value === 'string' && !isSound(checked, part, argument.value)) issues.push({ at: argument.at, text: `invalid ${part.name} argument` });
  });
  return issues;
}

function isSound(checked: Checked, call: Call, text: string): boolean {
  const overload = checked.calls.get(call)!.overloads.find(({ parameters }) => parameters.at(-1)?.kind === 'string');
  return !overload?.run || !(overload.run(...(call.name === 'matches' ? ['', text] : [text])) instanceof CelError);
}
