import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { processTerminal as terminal } from '../../cli/terminal.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { type ChaosCluster, startChaosCluster, type Timings } from './chaosCluster.ts';
import { experiment, type Outcome } from './experiment.ts';
import { type Fault, faults, serverRestartedOften } from './faults.ts';
import { pairs } from './pairs.ts';
import { rollingUpdate } from './podFaults.ts';
import { seededRandom } from '../../api/schema/seededRandom.ts';
import { HEADER, tableRow, withResults } from './report.ts';

/**
 * `npm run test:chaos [-- --seed N] [--pairs N] [--minutes M] [--timings default|short] [--only TEXT] [--write]`: each fault once, then random
 * pairs, as many as `--pairs` says or until `--minutes` are over. The same seed gives the same experiments. Prints a table, which `--write` puts into docs/reliability.md;
 * its exit code is 1 when a promise was not kept.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    pairs: { type: 'string' },
    minutes: { type: 'string' },
    timings: { type: 'string', default: 'default' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const PAIRS = 10;
const MANY = 1000;
/** How long an API server is restarted again and again, in milliseconds. */
const RESTARTS = 120_000;
const seed = number('seed', values.seed);
const minutes = values.minutes === undefined ? undefined : number('minutes', values.minutes);
const count = values.pairs === undefined ? (minutes === undefined ? PAIRS : MANY) : number('pairs', values.pairs);
if (values.timings !== 'default' && values.timings !== 'short') throw new Error('--timings is default or short');
const timings: Timings = values.timings;

const random = seededRandom(seed);
const wanted = ({ name }: Fault): boolean => name.includes(values.only);
const singles = faults({ majority: 60_000 }).filter(wanted);
const plan: (readonly Fault[])[] = [...[...singles, rollingUpdate(50, RESTARTS)].filter(wanted).map((fault) => [fault]), ...pairs([...singles, serverRestartedOften(RESTARTS)].filter(wanted), count, random)];
const end = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
const lines: string[] = [];
let broken = 0;
terminal.say(HEADER);
const cluster = await startChaosCluster(timings);
try {
  for (const [at, each] of plan.entries()) {
    if (performance.now() > end) break;
    terminal.complain(`${at + 1}: ${each.map(({ name }) => name).join(' + ')}`);
    const outcome = await tried(cluster, each, seed + at);
    for (const problem of outcome.problems) terminal.complain(`   ${problem}`);
    broken += outcome.problems.length;
    const line = tableRow({ faults: each, outcome });
    lines.push(line);
    terminal.say(line);
  }
} finally {
  await cluster.close();
}
if (values.write) {
  const page = join(repositoryRoot, 'docs/reliability.md');
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), [`Seed ${seed}, ${timings} timings.\n`, HEADER, ...lines].join('\n')));
}
process.exitCode = broken === 0 ? 0 : 1;

/** A cluster that does not come back is a broken promise too. */
async function tried(on: ChaosCluster, list: readonly Fault[], number: number): Promise<Outcome> {
  try {
    return await experiment(on, list, number, random);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], acknowledged: 0, unknown: 0, longestGap: 0, relists: 0 };
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is a whole number, not "${text}"`);
  return value;
}
