import { goJson, goPlain, goQuote, goType, jsonKind } from './goPrint.ts';

test.each([
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\u0000\n\u007f', '"\\x00\\n\\x7f"'],
  ['é😀\u2028\ud800', '"é😀\\u2028\ufffd"'],
])('%j is quoted as by Go', (text, quoted) => expect(goQuote(text)).toBe(quoted));

test.each([
  [[true, 1.2345678901234568e29, null], '[true 1.2345678901234568e+29 <nil>]', '[]interface {}'],
  [{ b: 'x', a: 1_500_000 }, 'map[a:1500000 b:x]', 'map[string]interface {}'],
  [2.5, '2.5', 'float64'],
])('%j is printed as by Go', (value, printed, type) => expect([goPlain(value), goType(value)]).toEqual([printed, type]));

test.each([[null, 'null'], [undefined, 'null'], [[], 'array'], [{}, 'object'], [true, 'bool'], [1, 'number'], ['', 'string']])('%j is named as by Go', (value, kind) => expect(jsonKind(value)).toBe(kind));

test('JSON as by Go can stand in HTML, and has its keys in order', () => {
  expect(goJson({ b: ['<&>\u2028'], a: { d: undefined, c: 1 } })).toBe('{"a":{"c":1},"b":["\\u003c\\u0026\\u003e\\u2028"]}');
});
