import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { CASES } from './celCases.ts';
import { soundExpression } from './celExpressions.ts';
import { CelQuestions, OBJECT, type Outcome, SCHEMA, VARIABLES } from './celQuestions.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

/** Units that one expression may cost. */
const LIMIT = 1_000_000;
const TOGETHER = 50;

/**
 * Expressions that were thought of, and others drawn by chance: their types, what they are estimated to cost and cost, their values, and why they have none.
 *
 * Debian's cel-go is newer than 0.26, which Kubernetes 1.36 is built with (its go.mod tells) and which Gantry follows; asked is only what did not change since: not `optMap`
 * of what is no name, `%e`, halves in `%f`, leap seconds and offsets of times, `indexOf` of nothing, names in backticks.
 */
export async function compareCel(oracle: Oracle, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const questions = await CelQuestions.begin(oracle, SCHEMA, OBJECT, VARIABLES, LIMIT);
  const drawn = Array.from({ length: rounds }, (_, round) => soundExpression(random, 1 + (round % 4)));
  const texts = [...new Set([...CASES, ...drawn])];
  for (let at = 0; at < texts.length; at += TOGETHER) {
    const both = texts.slice(at, at + TOGETHER).map(async (text) => ({ text, ...(await questions.ask(text)) }));
    for (const { text, ours, theirs } of await Promise.all(both)) found.compare(text, shown(ours, theirs), shown(theirs, ours));
  }
  return found;
}

/**
 * What is compared of an outcome. What led to an error is not: cel-go charges for a call whose last argument has none, too, which changes nothing. Some of cel-go's own
 * functions panic where a part has no value.
 */
function shown(outcome: Outcome, other: Outcome): string {
  const { cost, fault, error, ...rest } = outcome;
  // How many types are still to be found hangs on what macros are expanded to.
  if (fault !== undefined) return fault.replace(/^program: /, '').replace(/_var\d+/g, '_var');
  if (error === undefined && other.error === undefined) return canonicalJson({ cost, ...rest });
  return canonicalJson({ ...rest, error: [error, other.error].some((each) => each?.startsWith('internal error: ')) ? 'internal' : error });
}
