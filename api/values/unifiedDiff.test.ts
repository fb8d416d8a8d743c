import { unifiedDiff } from './unifiedDiff.ts';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

describe('unifiedDiff', () => {
  it('says nothing of equal texts', () => {
    expect(unifiedDiff(['a', 'b'], ['a', 'b'])).toBe('');
  });
  it('shows what changed, came and went, each with what is around it', () => {
    const after = numbers(20).toSpliced(17, 1).toSpliced(9, 0, 'new').with(1, 'two');
    expect(unifiedDiff(numbers(20), after)).toBe([
      '@@ -1,5 +1,5 @@', ' 1', '-2', '+two', ' 3', ' 4', ' 5',
      '@@ -7,6 +7,7 @@', ' 7', ' 8', ' 9', '+new', ' 10', ' 11', ' 12',
      '@@ -15,6 +16,5 @@', ' 15', ' 16', ' 17', '-18', ' 19', ' 20', '',
    ].join('\n'));
  });
  it('puts what is near together', () => {
    expect(unifiedDiff(numbers(10), numbers(10).with(1, 'two').with(8, 'nine'))).toMatch(/^@@ -1,10 \+1,10 @@\n/);
  });
  it('counts from the line before where there is none', () => {
    expect(unifiedDiff([], ['a'])).toBe('@@ -0,0 +1 @@\n+a\n');
  });
  it('compares only the ends of very long texts', () => {
    expect(unifiedDiff(numbers(3000), numbers(3000).with(9, 'x').with(11, 'y'))).toBe(['@@ -7,9 +7,9 @@', ' 7', ' 8', ' 9', '-10', '-11', '-12', '+x', '+11', '+y', ' 13', ' 14', ' 15', ''].join('\n'));
  });
});

it('takes texts of any length, and ends its search for anchors', () => {
  const many = (word: string): string[] => Array.from({ length: 300_000 }, () => word);
  expect(unifiedDiff(many('a'), many('b'))).toHaveLength('@@ -1,300000 +1,300000 @@\n'.length + 600_000 * 3);
  const scattered = (word: string): string[] => Array.from({ length: 2000 }, (_, index) => (index % 2 === 0 ? `same ${(index / 2) % 50}` : `${word} ${index}`));
  const lines = unifiedDiff(scattered('old'), scattered('new')).split('\n');
  expect(lines.filter((line) => line.startsWith('-old'))).toHaveLength(1000);
  expect(lines.filter((line) => line.startsWith('+new'))).toHaveLength(1000);
});

it('has no anchors in lines that a long text repeats', () => {
  const braces = (count: number, mark = ''): string[] => Array.from({ length: count }, () => `${mark}}`);
  const text = (middle: string): string[] => [...braces(150), middle, ...braces(100)];
  expect(unifiedDiff(text('x'), text('y'))).toBe(['@@ -148,104 +148,104 @@', ' }', ' }', ' }', '-x', ...braces(100, '-'), '+y', ...braces(100, '+'), ''].join('\n'));
});
