import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordFolder } from './recordFolder.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-records-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('what was kept is there after a restart, and what was removed is not', async () => {
  const { folder } = await RecordFolder.open<{ n: number }>(directory);
  await folder.keep('a', { n: 1 });
  await folder.keep('b', { n: 2 });
  await folder.keep('b', { n: 3 });
  await folder.remove('a');
  await folder.remove('never');
  expect((await RecordFolder.open(directory)).records).toEqual([{ n: 3 }]);
});

test('what a killed kubelet has half written goes at the next start', async () => {
  await writeFile(join(directory, 'a.json.new'), '{"n":');
  expect((await RecordFolder.open(directory)).records).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});
