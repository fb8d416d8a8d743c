import { existsSync, readFileSync } from 'node:fs';

const PAGE = readFileSync('docs/conformance-workloads.md', 'utf8');
/** Every `path` of a test on the page: of ours beside upstream's relative to this folder, others from the root. */
const NAMED = [...PAGE.matchAll(/`([\w/]+\.test\.ts)`/g)].map(([, path = '']) => (path.startsWith('test/') ? path : `test/conformance/${path}`));

test('the page names only tests that there are, and all of this folder that repeat a workload test', () => {
  expect(NAMED.filter((path) => !existsSync(path))).toEqual([]);
  expect(NAMED).toEqual(expect.arrayContaining(['test/conformance/apps/job.test.ts', 'test/conformance/node/pods.test.ts', 'test/conformance/storage/storage.test.ts']));
});

test('each row says what becomes of it', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| upstream'));
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((row) => !/\| (passes|needs a node)[^|]*\|$/.test(row))).toEqual([]);
});
