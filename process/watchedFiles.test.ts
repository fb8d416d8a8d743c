import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from './fakeClock.ts';
import { silentLogger } from './log.ts';
import { WatchedFiles } from './watchedFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-watched-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('files are taken over together, when they fit and not before', async () => {
  const stop = new AbortController();
  const paths = { certificate: join(folder, 'crt'), key: join(folder, 'key') };
  const write = (name: keyof typeof paths, text: string): void => writeFileSync(paths[name], text);
  write('certificate', '1');
  write('key', '1');
  const files = new WatchedFiles({ paths, accept: ({ certificate, key }) => certificate === key, clock: new FakeClock(), logger: silentLogger, signal: stop.signal });
  const changes: string[] = [];
  files.onChange(() => void changes.push(files.current.certificate));
  await files.check();
  write('certificate', '2');
  await files.check();
  expect(files.current).toEqual({ certificate: '1', key: '1' });
  write('key', '2');
  await files.check();
  await files.check();
  expect(files.current).toEqual({ certificate: '2', key: '2' });
  expect(changes).toEqual(['2']);
  rmSync(paths.key);
  await expect(files.check()).rejects.toThrow('ENOENT');
  expect(files.current.key).toBe('2');
  stop.abort();
});
