import { HEADER, tableRow, withResults } from './report.ts';

const outcome = { problems: [], acknowledged: 300, unknown: 2, longestGap: 1234, relists: 0 };

test('a row says what was promised and what was seen', () => {
  expect(tableRow({ faults: [{ name: 'a', promise: 'goes on' }], outcome })).toContain('| a | goes on | kept | 1.2 s | 300 / 2 | 0 |');
});

test('a broken promise stands out, with at most three of its reasons', () => {
  const broken = { ...outcome, problems: ['one', 'two', 'three|', 'four', 'five'] };
  expect(tableRow({ faults: [{ name: 'a', promise: 'x' }, { name: 'b', promise: 'x' }], outcome: broken })).toContain('| a + b | x | **not kept**: one; two; three\\| and 2 more |');
});

test('a row has as many cells as the head', () => {
  const cells = (line: string): number => line.split('|').length;
  expect(cells(tableRow({ faults: [{ name: 'a', promise: 'x' }], outcome }))).toBe(cells(HEADER.split('\n')[0]!));
});

test('results take the place of earlier ones', () => {
  const page = 'before\n<!-- results of npm run test:chaos -->\nold\n<!-- end of the results -->\nafter\n';
  expect(withResults(page, 'new')).toBe(page.replace('old', 'new'));
  expect(() => withResults('nothing', 'new')).toThrow('no place');
});
