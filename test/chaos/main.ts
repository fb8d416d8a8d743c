import { parseArgs } from 'node:util';
import { processTerminal } from '../../cli/terminal.ts';
import { startChaosCluster, type Timings } from './chaosCluster.ts';
import { experiment } from './experiment.ts';
import { type Fault, faults } from './faults.ts';
import { seededRandom } from './random.ts';

/**
 * `npm run test:chaos -- [--seed N] [--pairs N] [--minutes M] [--timings short|default]`: every single fault, then so many random pairs, at most
 * for so long, on one cluster of five hosts. The exit code is 0 when every promise was kept. The same seed gives the same faults.
 */
const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, pairs: { type: 'string', default: '10' }, minutes: { type: 'string', default: '60' }, timings: { type: 'string', default: 'default' } } });
const seed = Number(values.seed);
const random = seededRandom(seed);
const terminal = processTerminal;
const all = faults({ majority: 60_000, restarts: 120_000 });
const pick = (): Fault => all[Math.floor(random() * all.length)]!;

const end = performance.now() + Number(values.minutes) * 60_000;
const cluster = await startChaosCluster(values.timings as Timings);
let broken = 0;
try {
  const pairs = Array.from({ length: Number(values.pairs) }, () => [pick(), pick()].filter((fault, at, list) => list.indexOf(fault) === at));
  terminal.say(`seed ${seed}, ${values.timings} timings\n\n| fault | acknowledged | without answer | longest gap | lists again | kept |\n|---|---|---|---|---|---|`);
  for (const [at, together] of [...all.map((fault) => [fault]), ...pairs].entries()) {
    if (performance.now() > end) break;
    const { problems, acknowledged, unknown, longestGap, relists } = await experiment(cluster, together, seed + at, random);
    broken += problems.length;
    terminal.say(`| ${together.map(({ name }) => name).join(' and ')} | ${acknowledged} | ${unknown} | ${(longestGap / 1000).toFixed(1)} s | ${relists} | ${problems.length === 0 ? 'yes' : problems.join('; ')} |`);
  }
} finally {
  await cluster.close();
}
process.exitCode = broken === 0 ? 0 : 1;
