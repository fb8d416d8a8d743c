import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../process/fakeClock.ts';
import { removeTree } from './hostTraces.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-traces-'));
  mkdirSync(join(folder, 'pods', 'a', 'container'), { recursive: true });
  mkdirSync(join(folder, 'pods', 'b'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('folders go with all below them; what is not there is gone', async () => {
  await removeTree(join(folder, 'pods'), new FakeClock());
  await removeTree(join(folder, 'pods'), new FakeClock());
  expect(existsSync(join(folder, 'pods'))).toBe(false);
});

test('what a process is dying in is removed as soon as it has died', async () => {
  const clock = new FakeClock();
  const process = join(folder, 'pods', 'a', 'container', 'process');
  writeFileSync(process, '');
  const removing = removeTree(join(folder, 'pods'), clock);
  await clock.advance(1000);
  expect(existsSync(process)).toBe(true);
  rmSync(process);
  await clock.advance(1000);
  await removing;
  expect(existsSync(join(folder, 'pods'))).toBe(false);
});
