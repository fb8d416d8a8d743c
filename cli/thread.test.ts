import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../process/clock.ts';
import { silentLogger } from '../process/log.ts';
import { defineComponent } from './component.ts';
import type { ClusterSettings } from './clusterSettings.ts';
import { inThread } from './thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-thread-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program as a component named `loops` in a thread. */
function run(program: string, signal: AbortSignal): ReturnType<ReturnType<typeof defineComponent>['start']> {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const component = defineComponent({ name: 'loops', summary: '', flags: {}, start: () => Promise.reject(new Error('runs in the thread')) });
  const settings: Pick<ClusterSettings, 'words'> = { words: ['--name=two'] };
  return inThread(component, file).start({}, settings as ClusterSettings, { clock: systemClock, logger: silentLogger, signal });
}

test('the program gets the name and the flags of the component, and ends when it is told to', async () => {
  const stop = new AbortController();
  const program = "import { parentPort } from 'node:worker_threads'; if (process.argv.slice(2).join(' ') === 'loops --name=two') parentPort.once('message', () => process.exit());";
  const { stopped } = await run(program, stop.signal);
  let ended = false;
  const end = stopped.then(() => (ended = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ended).toBe(false);
  stop.abort();
  expect(await end).toBe(true);
});

test.each([
  ['a code', 'process.exit(3);', 'ended with code 3'],
  ['an error', "throw new Error('broken');", 'ended with code 1'],
  ['nothing left to do', '', 'ended with code 0'],
])('a thread that ends by itself, with %s, is an error', async (_, program, message) => {
  const started = run(program, new AbortController().signal);
  await expect(started.then(({ stopped }) => stopped)).rejects.toThrow(message);
});
