import { Warnings } from './warnings.ts';

function headerOf(...texts: readonly string[]): string | undefined {
  const warnings = new Warnings();
  for (const text of texts) warnings.add(text);
  return warnings.header();
}

describe('warnings', () => {
  test('are told once each, with their quotes marked, and as bytes of UTF-8', () => {
    expect(headerOf()).toBeUndefined();
    expect(headerOf('a "b" \\', 'a "b" \\', '')).toBe('299 - "a \\"b\\" \\\\"');
    expect(Buffer.from(headerOf('né ☃')!, 'latin1').toString()).toBe('299 - "né ☃"');
  });

  test('that are more than a line are left out', () => {
    expect(headerOf('two\nlines', 'bell\u0007')).toBeUndefined();
    expect(headerOf('tab\t', 'one')).toBe('299 - "one"');
  });

  test('are cut where they are too many characters together', () => {
    expect(headerOf('x'.repeat(300))).toBe(`299 - "${'x'.repeat(300)}"`);
    expect(headerOf('☃'.repeat(4096))).toHaveLength('299 - ""'.length + 4096 * 3);
    expect(headerOf('x'.repeat(5000), 'short')).toBe(`299 - "${'x'.repeat(256)}", 299 - "short"`);
    const many = Array.from({ length: 60 }, (_, at) => `${at} `.padEnd(110, 'w'));
    // 37 are over the limit, and the last of them is told.
    expect(headerOf(...many)!.split(', ')).toHaveLength(38);
    expect(headerOf(...many.slice(0, 37))!.split(', ')).toHaveLength(37);
  });
});
