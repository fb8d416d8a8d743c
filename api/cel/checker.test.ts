import { BOOL, DYN, INT, listOf, mapOf, objectType, STRING, TIMESTAMP } from './celType.ts';
import { compile } from './compile.ts';
import { formatType } from './celType.ts';

const SELF = objectType('selfType', { name: STRING, count: INT, tags: listOf(STRING), limits: mapOf(STRING, INT), when: TIMESTAMP, any: DYN });
const environment = { variables: { self: SELF, x: INT, é: STRING } };

const messageOf = (text: string): string => {
  const compiled = compile(text, environment);
  return compiled.ok ? `a ${formatType(compiled.program.resultType)}` : compiled.message;
};
/** The first line of each issue. */
const issuesOf = (text: string): string[] => messageOf(text).split('\n').filter((line) => line.startsWith('ERROR'));

it('shows where something is wrong as cel-go does', () => {
  expect(messageOf('x == 1 &&\n  y == 2')).toBe("ERROR: <input>:2:3: undeclared reference to 'y' (in container '')\n |   y == 2\n | ..^");
  expect(messageOf('"é" == y')).toBe("ERROR: <input>:1:8: undeclared reference to 'y' (in container '')\n | \"é\" == y\n | .．.....^");
  expect(messageOf('y + z')).toBe("ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y + z\n | ^\nERROR: <input>:1:5: undeclared reference to 'z' (in container '')\n | y + z\n | ....^");
});

it.each([
  ['self.nme', "ERROR: <input>:1:5: undefined field 'nme'"],
  ['self.name.x', "ERROR: <input>:1:10: type 'string' does not support field selection"],
  ['self.name + 1', "ERROR: <input>:1:11: found no matching overload for '_+_' applied to '(string, int)'"],
  ['self.count == "1"', "ERROR: <input>:1:12: found no matching overload for '_==_' applied to '(int, string)'"],
  ['self.tags.startsWith("a")', "ERROR: <input>:1:21: found no matching overload for 'startsWith' applied to 'list(string).(string)'"],
  ['self.frob()', "ERROR: <input>:1:10: undeclared reference to 'frob' (in container '')"],
  ['frob(1)', "ERROR: <input>:1:5: undeclared reference to 'frob' (in container '')"],
  ['size(1)', "ERROR: <input>:1:5: found no matching overload for 'size' applied to '(int)'"],
  ['x.all(i, i)', "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
  ['self.tags.all(t, t)', "ERROR: <input>:1:18: expected type 'bool' but found 'string'"],
  ['self.tags.filter(t, t)', "ERROR: <input>:1:17: found no matching overload for '_?_:_' applied to '(string, list(string), list(string))'"],
  ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'"],
  ['{"a": 1, "b": "c"}', "ERROR: <input>:1:15: expected type 'int' but found 'string'"],
  ['x ? 1 : 2', "ERROR: <input>:1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
  ['true ? 1 : "a"', "ERROR: <input>:1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
  ['!x', "ERROR: <input>:1:1: found no matching overload for '!_' applied to '(int)'"],
  ['self.name == null', "ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(string, null)'"],
  ['self.limits[1]', "ERROR: <input>:1:12: found no matching overload for '_[_]' applied to '(map(string, int), int)'"],
  ['duration("1x") > duration("1s")', 'ERROR: <input>:1:10: invalid duration argument'],
  ['self.name.matches("(")', 'ERROR: <input>:1:19: invalid matches argument'],
  ['timestamp("today") == self.when', 'ERROR: <input>:1:11: invalid timestamp argument'],
  ['Thing{a: 1}', "ERROR: <input>:1:6: undeclared reference to 'Thing' (in container '')"],
  ['has(self)', 'ERROR: <input>:1:5: invalid argument to has() macro'],
  ['self.tags.all(1, true)', 'ERROR: <input>:1:15: argument must be a simple name'],
  // Form.
  ['', "ERROR: <input>:1:1: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ['x in [1, 2, ', "ERROR: <input>:1:13: Syntax error: missing ']' at '<EOF>'"],
  ['1 2', "ERROR: <input>:1:3: Syntax error: extraneous input '2' expecting <EOF>"],
  ['1 2 3', "ERROR: <input>:1:3: Syntax error: mismatched input '2' expecting <EOF>"],
  ['(1', "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'"],
  ['(1 2', "ERROR: <input>:1:4: Syntax error: mismatched input '2' expecting ')'"],
  ['x.size(1 2)', "ERROR: <input>:1:10: Syntax error: extraneous input '2' expecting ')'"],
  ['x.f(x.f(1', "ERROR: <input>:1:10: Syntax error: mismatched input '<EOF>' expecting ')'"],
  ['{x}', "ERROR: <input>:1:3: Syntax error: mismatched input '}' expecting ':'"],
  ['x.f(', "ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ['[', "ERROR: <input>:1:2: Syntax error: mismatched input '<EOF>' expecting {'[', ']', '{', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ['self.tags.map(1, true)', 'ERROR: <input>:1:15: argument is not an identifier'],
  ['[x, dyn(x)]', "ERROR: <input>:1:8: expected type 'int' but found 'dyn'"],
  ["'%d'.format([self.name])", "ERROR: <input>:1:18: error during formatting: decimal clause can only be used on integers, was given string"],
  ['namespace == 1', 'ERROR: <input>:1:1: reserved identifier: namespace'],
  ['9223372036854775808', 'ERROR: <input>:1:1: invalid int literal'],
  ['18446744073709551616u', 'ERROR: <input>:1:1: invalid uint literal'],
])('%s: %s', (text, message) => {
  expect(issuesOf(text)).toEqual([message]);
});

const STARTS = "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

// As ANTLR goes on after a fault.
it.each([
  ['1 + $', ["1:5: Syntax error: token recognition error at: '$'", `1:6: Syntax error: mismatched input '<EOF>' ${STARTS}`]],
  ['1 + +', [`1:5: Syntax error: mismatched input '+' ${STARTS}`, `1:6: Syntax error: mismatched input '<EOF>' ${STARTS}`]],
  ['x = 1', ["1:3: Syntax error: token recognition error at: '= '", "1:5: Syntax error: extraneous input '1' expecting <EOF>"]],
  ["'abc", ["1:1: Syntax error: token recognition error at: ''abc'", `1:5: Syntax error: mismatched input '<EOF>' ${STARTS}`]],
  ['"\\xFh"', ["1:1: Syntax error: token recognition error at: '\"\\xFh'", "1:6: Syntax error: token recognition error at: '\"'", `1:7: Syntax error: mismatched input '<EOF>' ${STARTS}`]],
  ['namespace == 1 && package == 2', ['1:1: reserved identifier: namespace', '1:19: reserved identifier: package']],
])('%s has several faults', (text, issues) => {
  expect(issuesOf(text)).toEqual(issues.map((each) => `ERROR: <input>:${each}`));
});

it.each([
  ['self.tags.map(t, t.size())', 'a list(int)'],
  ['self.limits', 'a map(string, int)'],
  ['self.any.x.y', 'a dyn'],
  ['[]', 'a list(dyn)'],
  ['[[]] + [[1]]', 'a list(list(int))'],
  ['self.tags[?0]', 'a optional_type(string)'],
  ['self.?name.orValue("x")', 'a string'],
  ['optional.none().orValue(1)', 'a int'],
  ['self.when == null', 'a bool'],
  ['self.limits.map(k, self.limits[k])', 'a list(int)'],
  ['type(1)', 'a type(int)'],
  ['quantity("1")', 'a kubernetes.Quantity'],
  ['true ? [] : [1]', 'a list(int)'],
  ['dyn(1)', 'a dyn'],
])('%s is %s', (text, type) => {
  expect(messageOf(text)).toBe(type);
});

it('has cel.bind for selectors of devices, and keys of patches for mutations alone', () => {
  expect(issuesOf('cel.bind(y, x, y)')[0]).toBe("ERROR: <input>:1:1: undeclared reference to 'cel' (in container '')");
  expect(compile('cel.bind(y, x, y)', { ...environment, bindings: true }).ok).toBe(true);
  expect(issuesOf('jsonpatch.escapeKey("a")')[0]).toBe("ERROR: <input>:1:1: undeclared reference to 'jsonpatch' (in container '')");
  expect(compile('jsonpatch.escapeKey("a")', { ...environment, constructs: () => undefined }).ok).toBe(true);
});

it('asks for the type that its user wants', () => {
  expect(compile('1', environment, { resultTypes: [BOOL] })).toMatchObject({ ok: false, message: "ERROR: <input>:1:1: expected type 'bool' but found 'int'\n | 1\n | ^" });
  expect(compile('self.any', environment, { resultTypes: [BOOL] }).ok).toBe(true);
});

it('bounds how large and how deep an expression may be', () => {
  expect(issuesOf('('.repeat(300) + '1' + ')'.repeat(300))).toEqual(['ERROR: <input>:1:251: expression recursion limit exceeded: 250']);
  expect(issuesOf(Array.from({ length: 300 }, () => '1').join('+'))[0]).toContain('expression recursion limit exceeded: 250');
  expect(issuesOf(`x${'.a'.repeat(300)}`)[0]).toContain('expression recursion limit exceeded: 250');
  expect(issuesOf(`${'!'.repeat(100_000)}x`)[0]).toContain('expression code point size exceeds limit');
  // A long chain of && is none, as its terms are balanced.
  expect(messageOf(Array.from({ length: 2_000 }, () => 'true').join('&&'))).toBe('a bool');
});
