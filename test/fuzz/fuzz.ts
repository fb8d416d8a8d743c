import { RandomInput } from '../../api/schema/randomInput.ts';
import { isOfTime, type Finding, type FuzzCase } from './fuzzCase.ts';
import { minimise } from './minimise.ts';
import { sendCase, type Target } from './sendCase.ts';
import type { Surface } from './surfaces/surface.ts';

/** How often a case is sent again to see whether it was it, and how often to make it smaller. */
const REPEATS = 3;
const TRIES = 150;

export interface Plan {
  readonly surfaces: readonly Surface[];
  /** Of the first case; each further one has the next. A case depends on nothing but its surface and its seed. */
  readonly seed: number;
  /** After how many cases, or at which `performance.now()`, it ends. */
  readonly cases: number;
  readonly end: number;
}

/** A promise that was not kept, with the smallest case that shows it. */
export interface Found {
  readonly surface: string;
  readonly seed: number;
  readonly finding: Finding;
  readonly smallest: FuzzCase;
}

export interface Outcome {
  readonly cases: number;
  readonly found: readonly Found[];
  /** Faults that a case showed once and not again. */
  readonly unrepeated: readonly string[];
}

/** Sends one case after another. A fault counts when the case shows it again; the same fault of several cases counts once. */
export async function fuzz(target: Target, plan: Plan, tell: (found: Found) => void): Promise<Outcome> {
  const found: Found[] = [];
  const unrepeated: string[] = [];
  const known = new Set<string>();
  let cases = 0;
  for (; cases < plan.cases && performance.now() < plan.end; cases += 1) {
    const surface = plan.surfaces[cases % plan.surfaces.length]!;
    const seed = plan.seed + cases;
    const fuzzCase = surface.generate(new RandomInput(seed));
    const finding = await sent(target, fuzzCase);
    if (!finding || known.has(`${finding.kind} ${finding.sign}`)) continue;
    const again = (smaller: FuzzCase): Promise<boolean> => showsAgain(target, smaller, finding);
    if (!(await again(fuzzCase))) {
      unrepeated.push(`${surface.name} --seed ${seed}: ${finding.what}`);
      continue;
    }
    known.add(`${finding.kind} ${finding.sign}`);
    const each = { surface: surface.name, seed, finding, smallest: await minimise(fuzzCase, again, TRIES) };
    found.push(each);
    tell(each);
  }
  return { cases, found, unrepeated };
}

async function sent(target: Target, fuzzCase: FuzzCase): Promise<Finding | undefined> {
  const finding = await sendCase(target, fuzzCase);
  await target.server.restart();
  return finding;
}

/** Time depends on more than the input: what took long once must do so most of the times. */
async function showsAgain(target: Target, fuzzCase: FuzzCase, first: Finding): Promise<boolean> {
  const { kind, sign } = first;
  const isTime = isOfTime(first);
  let times = 0;
  for (let repeat = 0; repeat < (isTime ? REPEATS : 1); repeat += 1) {
    const finding = await sent(target, fuzzCase);
    if (finding?.kind === kind && finding.sign === sign) times += 1;
  }
  return times * 2 > (isTime ? REPEATS : 1);
}
