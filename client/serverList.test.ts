import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerList } from './serverList.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-servers-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a client stays with a server until it fails, and goes round', () => {
  const list = new ServerList({ servers: ['https://a:1', 'https://b:1'] });
  const first = list.current;
  expect(first.host).toBe('a:1');
  list.failed(first);
  list.failed(first);
  expect(list.current.host).toBe('b:1');
  list.failed(list.current);
  expect(list.current.host).toBe('a:1');
});

test('the servers of the file join in, also those that come later, and a server that has gone from it is left out', () => {
  const serversFile = join(folder, 'servers.json');
  const list = new ServerList({ servers: ['https://a:1'], serversFile });
  expect(list.count).toBe(1);
  writeFileSync(serversFile, JSON.stringify(['https://a:1', 'https://b:1', 'https://c:1']));
  list.failed(list.current);
  expect(list.count).toBe(3);
  expect(list.current.host).toBe('a:1');
  writeFileSync(serversFile, JSON.stringify(['https://a:1', 'https://c:1']));
  list.failed(list.current);
  list.failed(list.current);
  expect(list.count).toBe(2);
});
