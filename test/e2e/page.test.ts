import { linesMissing, readPage } from './page.ts';

test('a page is read as its steps', () => {
  const page = '# A\n```sh\none\n```\n\n```text\n1 …\n```\n## B\n```yaml\nkind: X\n```\n```sh\ntwo\n```\n';
  expect(readPage(page)).toEqual([
    { heading: 'A', commands: 'one\n', expected: ['1 …'] },
    { heading: 'B', commands: 'two\n', expected: [] },
  ]);
});

test('every expected line has to be in the output, whatever the ellipsis stands for', () => {
  const output = 'NAME    READY\nweb-x1  1/1 Running\n';
  expect(linesMissing(['web-… 1/1 …', 'NAME READY'], output)).toEqual([]);
  expect(linesMissing(['web-… 0/1 …', 'READY'], output)).toEqual(['web-… 0/1 …', 'READY']);
});
