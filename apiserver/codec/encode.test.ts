import { parse } from 'yaml';
import { encodeJson, encodeYaml } from './encode.ts';

it('JSON ends with a line break, or is indented and ends without', () => {
  expect(encodeJson({ a: [1] }).toString()).toBe('{"a":[1]}\n');
  expect(encodeJson({ a: 1 }, true).toString()).toBe('{\n  "a": 1\n}');
});

it('YAML reads back to the same object under YAML 1.1 too', () => {
  const shared = { x: 'y' };
  const object = { b: 'yes', a: ['0644', '1e3', '1:30', 'null', '', '2020-01-01'], long: 'word '.repeat(100).trim(), text: 'a\nb\n', one: shared, two: shared };
  const text = encodeYaml(object).toString();
  expect(parse(text, { version: '1.1' })).toEqual(object);
  expect(text).toMatch(/^a:\n- "0644"\n/);
});
