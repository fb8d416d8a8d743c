import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../process/clock.ts';
import { lastLines } from './lastLines.ts';
import { type LogOptions, readLogs } from './readLogs.ts';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'gantry-logs-'))));
afterEach(() => rm(directory, { recursive: true }));

const line = (log: string, second = 0, stream = 'stdout'): string => `${JSON.stringify({ log, stream, time: `2026-11-21T00:00:0${second}.5Z` })}\n`;
const ALL: LogOptions = { follow: false, tailLines: undefined, since: undefined, timestamps: false, limitBytes: undefined, stream: 'All' };

async function read(path: string, options: Partial<LogOptions>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readLogs({ path, running: async () => false, clock: systemClock, signal: new AbortController().signal }, { ...ALL, ...options })) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test.each<[Partial<LogOptions>, string]>([
  [{}, 'one\ntwo\nthree is long\n'],
  [{ tailLines: 0 }, ''],
  [{ tailLines: 1 }, 'three is long\n'],
  [{ tailLines: 2 }, 'two\nthree is long\n'],
  [{ tailLines: 9 }, 'one\ntwo\nthree is long\n'],
  [{ since: Date.UTC(2026, 10, 21, 0, 0, 2) }, 'three is long\n'],
  [{ limitBytes: 6 }, 'one\ntw'],
  [{ stream: 'Stderr' }, 'two\n'],
  [{ tailLines: 1, timestamps: true }, '2026-11-21T00:00:03.5Z three is long\n'],
])('%j', async (options, expected) => {
  const path = join(directory, '0.log');
  await writeFile(path, line('one\n', 1) + line('two\n', 1, 'stderr') + line('three ', 3) + line('is long\n', 3) + '{"log":"cut o');
  expect(await read(path, options)).toBe(expected);
});

test('what is written later is followed, over a rotation, until the container has ended', async () => {
  const path = join(directory, '0.log');
  await writeFile(path, line('one\n'));
  let running = true;
  const pieces = readLogs({ path, running: async () => running, clock: systemClock, signal: new AbortController().signal }, { ...ALL, follow: true });
  const next = async (): Promise<string | undefined> => (await pieces.next()).value?.toString();
  expect(await next()).toBe('one\n');
  await appendFile(path, line('two\n'));
  expect(await next()).toBe('two\n');
  await rename(path, `${path}.1`);
  await writeFile(path, line('three\n'));
  expect(await next()).toBe('three\n');
  await appendFile(path, line('four\n'));
  running = false;
  expect([await next(), await next()]).toEqual(['four\n', undefined]);
});

test('the last lines of a long log', async () => {
  const path = join(directory, '0.log');
  await writeFile(path, Array.from({ length: 5000 }, (_, at) => line(`line ${at}\n`)).join(''));
  expect(await lastLines(path, 2, 100)).toBe('line 4998\nline 4999\n');
  expect(await read(path, { tailLines: 3000 })).toMatch(/^line 2000\n[^]*line 4999\n$/);
});
