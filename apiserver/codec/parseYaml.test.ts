import { parseYaml } from './parseYaml.ts';

test.each([
  ['a: .inf', 'error converting YAML to JSON: json: unsupported value: +Inf'],
  ['a: [-.INF]', 'error converting YAML to JSON: json: unsupported value: -Inf'],
  ['a: .nan', 'error converting YAML to JSON: json: unsupported value: NaN'],
  ['~: 1', 'error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
  ['[x]: 1', 'error converting YAML to JSON: yaml: invalid map key: []interface {}{"x"}'],
  ['a: *b', "error converting YAML to JSON: yaml: unknown anchor 'b' referenced"],
  ['a: - x', 'error converting YAML to JSON: yaml: block sequence entries are not allowed in this context'],
  ['a: 1\nb: c: d', 'error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context'],
  ['a: `x', 'error converting YAML to JSON: yaml: found character that cannot start any token'],
  ['a: 1\nb: [c', "error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'"],
])('%j is refused', (text, error) => {
  expect(parseYaml(text, 100)).toEqual({ value: undefined, duplicates: [], error });
});

test.each([
  ['a: 0o17\nb: 017\nc: -0o10', { a: 15, b: 15, c: -8 }],
  ['a: 1\n---\nb: [', { a: 1 }],
  ['yes: 1\n1.5: 2', { true: 1, '1.5': 2 }],
])('%j is read', (text, value) => {
  expect(parseYaml(text, 100)).toEqual({ value, duplicates: [] });
});

test('keys that are there twice are named as Go prints them, with the line of the value', () => {
  expect(parseYaml('a: 1\na:\n  x: 1\n1: a\n1: b\nyes: a\ntrue: b\n', 100).duplicates).toEqual(['line 3: key "a" already set in map', 'line 5: key 1 already set in map', 'line 7: key true already set in map']);
});

test('a point is a text, and a number only beside digits', () => {
  expect(parseYaml('{.: {}, a: ., b: .5, c: 1., d: -1_0.5, e: +.}', 10).value).toEqual({ '.': {}, a: '.', b: 0.5, c: 1, d: -10.5, e: '+.' });
});
