import { parseArgs } from 'node:util';
import { processTerminal as terminal } from '../../cli/terminal.ts';
import { fuzz, type Found } from './fuzz.ts';
import { startFuzzServer } from './fuzzServer.ts';
import { startReplyServer } from './replyServer.ts';
import { surfaces } from './surfaces/index.ts';

/**
 * `npm run test:fuzz [-- --minutes N] [--seed N] [--only NAME] [--cases N]`: sends generated requests to a whole API server until the minutes or
 * the cases are used up, and prints what should not have happened, with the seed that brings it about again and the smallest input. Its exit
 * code is 1 when there was any.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    cases: { type: 'string', default: 'Infinity' },
  },
});
const chosen = surfaces.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) throw new Error(`--only is one of ${[...new Set(surfaces.map(({ name }) => name))].join(', ')}`);

const tell = ({ surface, seed, finding, smallest }: Found): void => {
  terminal.say(`${finding.kind}: ${finding.what}\n  again: npm run test:fuzz -- --only ${surface} --seed ${seed} --cases 1\n  input: ${JSON.stringify(smallest)}\n`);
};

const target = { server: await startFuzzServer(), replies: await startReplyServer() };
try {
  const plan = { surfaces: chosen, seed: number('seed'), cases: number('cases'), end: performance.now() + number('minutes') * 60_000 };
  const { cases, found, unrepeated } = await fuzz(target, plan, tell);
  for (const each of unrepeated) terminal.say(`once only: ${each}`);
  const delay = await target.server.eventLoopDelay();
  terminal.say(`${cases} cases, ${found.length} faults; the longest delay of the server's event loop, waiting for the processor included: ${Math.round(delay)} ms`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await target.server.close();
  await target.replies.close();
}

function number(name: 'minutes' | 'seed' | 'cases'): number {
  const value = Number(values[name]);
  if (Number.isNaN(value) || value < 0) throw new Error(`--${name} is a number, not ${JSON.stringify(values[name])}`);
  return value;
}
