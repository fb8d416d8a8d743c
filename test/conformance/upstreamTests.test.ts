import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { conformancePage } from './page.ts';
import { UPSTREAM_FILES } from './upstreamTests.ts';

const rows = UPSTREAM_FILES.flatMap(({ tests }) => tests);
const sourceOf = (shownBy: string): string => readFileSync(join(repositoryRoot, 'test', `${shownBy}.test.ts`), 'utf8');

test('docs/conformance.md is what the list says; `node test/conformance/main.ts` writes it', () => {
  expect(readFileSync(join(repositoryRoot, 'docs/conformance.md'), 'utf8')).toBe(conformancePage(UPSTREAM_FILES));
});

test('what is said to show a test is there', () => {
  expect(rows.filter(({ shownBy }) => shownBy !== '' && !existsSync(join(repositoryRoot, 'test', `${shownBy}.test.ts`)))).toEqual([]);
  expect(rows.filter(({ shownBy, otherwise }) => shownBy === '' && otherwise === undefined)).toEqual([]);
});

test('what does as upstream does bears its name', () => {
  const missing = rows.filter(({ name, shownBy, otherwise }) => otherwise === undefined && !sourceOf(shownBy).replaceAll("\\'", "'").includes(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
