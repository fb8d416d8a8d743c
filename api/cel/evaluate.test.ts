import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, objectType, optionalOf, STRING, TIMESTAMP, UINT } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson, fromJson } from './fromJson.ts';
import type { Environment } from './types.ts';
import { Optional } from './values/scalars.ts';

const POD = objectType('Pod', { name: STRING, labels: mapOf(STRING, STRING), ports: listOf(INT), born: TIMESTAMP, wait: DURATION, data: BYTES, ratio: DOUBLE, up: BOOL });
const environment: Environment = { variables: { n: INT, u: UINT, s: STRING, list: listOf(INT), texts: listOf(STRING), map: mapOf(STRING, INT), any: DYN, pod: POD, maybe: optionalOf(INT), missing: INT }, bindings: true };
const bindings = {
  n: 5,
  s: 'héllo wörld',
  list: fromAnyJson([3, 1, 2]),
  texts: fromAnyJson(['b', 'a']),
  map: fromAnyJson({ one: 1, two: 2 }),
  any: fromAnyJson({ a: [1, 'x', null, 1.5], b: { c: true } }),
  pod: fromJson({ name: 'web', labels: { 'a.b/c': 'd' }, ports: [80, 443], born: '2026-11-21T16:00:00.5Z', wait: '1h30m', data: 'aGk=', ratio: 2, up: true, unknown: 1 }, POD),
  maybe: new Optional(7),
};

function run(text: string): unknown {
  const compiled = compile(text, environment);
  if (!compiled.ok) return compiled.message;
  const outcome = compiled.program.evaluate(bindings, { remaining: 1_000_000 });
  return outcome.ok ? outcome.value : outcome.message;
}

describe('what is true', () => {
  it.each([
    // Numbers.
    '1 + 2 * 3 == 7', '(1 + 2) * 3 == 9', '-7 / 2 == -3', '-7 % 3 == -1', '7 % -3 == 1', '2u + 3u == 5u', '0x1F == 31', '0xFFu == 255u', '1.5e3 == 1500.0', '.5 == 0.5', '-(-5) == 5', '--5 == 5', '0 * -1 == 0',
    '9007199254740993 + 1 == 9007199254740994', '9223372036854775807 - 1 == 9223372036854775806', '-9223372036854775808 < 0', '3037000500 * 3 == 9111001500', '4294967296 * 2147483647 == 9223372032559808512',
    '1 < 2u', '1.5 > 1', '2u <= 2.0', 'dyn(1) == 1.0', 'dyn(1u) == 1', '1.0 / 0.0 > 1e308', 'double("NaN") != double("NaN")', '!(double("NaN") < 1.0)',
    'int("-42") == -42', 'int(3.99) == 3', 'int(-3.99) == -3', 'uint(7) == 7u', 'double(3) == 3.0', 'string(1.5) == "1.5"', 'string(1e100) == "1e+100"', 'string(1e6) == "1e+06" && string(123456.5) == "123456.5" && string(0.0001) == "0.0001" && string(1e-5) == "1e-05"', 'string(-7) == "-7"', 'bool("true") && !bool("F")',
    // Logic: what decides does so whatever is wrong with the other side.
    'true || 1 / 0 > 0', '1 / 0 > 0 || true', '!(false && 1 / 0 > 0)', '!(1 / 0 > 0 && false)', 'n > 3 ? true : 1 / 0 > 0', 'n > 3 && n < 9 || false',
    // Texts and bytes.
    '"a" + "b" == "ab"', '"\\u00e9" == "é"', '"\\x41\\101" == "AA"', 'r"\\d" == "\\\\d"', '"""a\n"b" """ == "a\\n\\"b\\" "', 'b"\\xff" == bytes(b"\\377")', 'bytes("é") == b"\\xc3\\xa9"', 'string(b"hi") == "hi"', 'size("héllo😀") == 6', '"é" > "z"', '"a" < "b" && "" < "a"', 's.contains("wör") && s.startsWith("hé") && s.endsWith("ld")', 's.size() == 11 && size(b"abc") == 3',
    // Lists and maps.
    'list[0] == 3 && list[2] == 2', '1 in list && !(9 in list)', '1.5 in [1.5, 2.5] && !(3.5 in [1.5, 2.5]) && !(double("NaN") in [1.5, double("NaN")]) && double("Infinity") in [double("Infinity")]', '"one" in map && !("x" in map)', 'list + [4] == [3, 1, 2, 4]', 'size(list) == 3 && map.size() == 2', '[[1], [2]] == [[1], [2]]', '{"a": [1], "b": [2]} == {"b": [2], "a": [1]}', '{1: "a"}[1] == "a"', '{true: 1}[true] == 1', 'map.one == 1 && map["two"] == 2', '{1: "x"}[dyn(1u)] == "x"',
    // Macros.
    'list.all(x, x > 0) && !list.all(x, x > 1)', 'list.exists(x, x == 2) && ![].exists(x, x)', 'list.exists_one(x, x > 2) && !list.exists_one(x, x > 0)', 'list.map(x, x * 2) == [6, 2, 4]', 'list.map(x, x > 1, x * 2) == [6, 4]', 'list.filter(x, x < 3) == [1, 2]', 'map.all(k, map[k] > 0)', 'map.map(k, k).size() == 2', '[[1, 2], [3]].all(x, x.all(x, x > 0))', '[1, 2].map(x, [3, 4].map(y, x * y)) == [[3, 4], [6, 8]]', '[1, 2].map(x, [10].map(x, x + 1)[0] + x) == [12, 13]', '![0, 1].all(x, 1 / x > 0) || true', '[0, 1].exists(x, 1 / x > 0)', '![0, 5].all(x, 1 / x > 0)',
    'list.all(i, v, list[i] == v)', 'map.exists(k, v, k == "two" && v == 2)', 'list.transformList(i, v, i + v) == [3, 2, 4]', 'map.transformMap(k, v, v > 1, v * 10) == {"two": 20}', 'map.transformMapEntry(k, v, {v: k}) == {1: "one", 2: "two"}', 'list.existsOne(i, v, v == 1)',
    'has(pod.name) && !has({"a": 1}.b) && has(any.b.c)', 'cel.bind(x, n * 2, x + x) == 20',
    // Types.
    'type(1) == int && type("") == string && type(1.0) == double && type(1u) == uint', 'type(null) == null_type && type(true) == bool', 'type(type(1)) == type', 'type(duration("1s")) == google.protobuf.Duration', 'type(any.a[0]) == int && type(any.a[3]) == double && any.a[2] == null',
    // Times.
    'timestamp("2026-11-21T16:00:00Z") < timestamp("2026-11-21T16:00:00.000000001Z")', 'timestamp("2026-11-21T17:00:00+01:00") == timestamp("2026-11-21T16:00:00Z")', 'timestamp("2026-11-21T16:00:00Z") - duration("1h") == timestamp("2026-11-21T15:00:00Z")', 'timestamp("2026-11-21T16:00:00Z") - timestamp("2026-11-21T15:00:00Z") == duration("3600s")', 'duration("1h") + duration("30m") == duration("90m")', 'string(duration("90m")) == "5400s" && string(duration("-1.5s")) == "-1.5s"', 'string(timestamp("2026-11-21T16:00:00.5Z")) == "2026-11-21T16:00:00.5Z"', 'pod.born.getFullYear() == 2026 && pod.born.getMonth() == 10 && pod.born.getDate() == 21 && pod.born.getDayOfMonth() == 20', 'pod.born.getDayOfWeek() == 6 && pod.born.getDayOfYear() == 324 && pod.born.getMilliseconds() == 500', 'pod.born.getHours("+01:30") == 17 && pod.born.getMinutes("-00:30") == 30', 'pod.born.getHours("Europe/Oslo") == 17', 'pod.wait.getHours() == 1 && pod.wait.getMinutes() == 90 && pod.wait.getSeconds() == 5400', 'int(timestamp("1970-01-01T00:01:00Z")) == 60 && timestamp(60) == timestamp("1970-01-01T00:01:00Z")', 'timestamp("1969-12-31T23:59:59.5Z") < timestamp(0)',
    // Fields of a declared object.
    'pod.name == "web" && pod.labels["a.b/c"] == "d" && pod.ports.sum() == 523', 'pod.data == b"hi" && pod.ratio == 2.0 && pod.up', 'pod.ports == [80, 443] && pod.ports.all(p, p < 500)', 'pod == pod',
    // Optional values.
    'maybe.hasValue() && maybe.value() == 7', 'optional.none().orValue(3) == 3', 'maybe.or(optional.of(1)).value() == 7', 'optional.none().or(optional.of(1)).value() == 1', '!map.?three.hasValue() && map.?one.orValue(0) == 1', 'list[?1].orValue(9) == 1 && list[?9].orValue(9) == 9', 'maybe.optMap(x, x + 1).value() == 8', 'maybe.optFlatMap(x, optional.of(x * 2)).value() == 14', '!optional.ofNonZeroValue("").hasValue()', '[1, ?maybe, ?optional.none()] == [1, 7]', '{?"a": maybe, ?"b": optional.none()} == {"a": 7}', 'optional.of(1) == optional.of(1) && optional.none() == optional.none()', 'map.?one.optMap(x, x + 1) == optional.of(2)', 'any.?b.?c.orValue(false) && !any.?x.?y.hasValue()',
    // Comments and white space.
    'n // five\n == 5',
  ])('%s', (text) => {
    expect(run(text)).toBe(true);
  });
});

it('knows lists and maps by their type', () => {
  const compiled = compile('type([]) == list && type({}) == map && type([1]) != type({})', { variables: {} });
  expect(compiled.ok && compiled.program.evaluate({}, { remaining: 1_000 })).toMatchObject({ ok: true, value: true });
});

describe('what has no value', () => {
  it.each([
    ['9223372036854775807 + n > 0', 'integer overflow'],
    ['-9223372036854775807 - n < 0', 'integer overflow'],
    ['4611686018427387904 * 2 > 0', 'integer overflow'],
    ['-(-9223372036854775807 - 1) > 0', 'integer overflow'],
    ['(-9223372036854775807 - 1) / -1 > 0', 'integer overflow'],
    ['1u - 2u == 0u', 'unsigned integer overflow'],
    ['n / 0 == 1', 'division by zero'],
    ['n % 0 == 1', 'modulus by zero'],
    ['list[5] == 1', 'index out of bounds: 5'],
    ['list[-1] == 1', 'index out of bounds: -1'],
    ['map["x"] == 1', 'no such key: x'],
    ['map.x == 1', 'no such key: x'],
    ['any.b.d', 'no such key: d'],
    ['any.a + 1 == 2', 'no such overload'],
    ['any.b.c.startsWith("x")', 'no such overload'],
    ['any.b > 1', 'no such overload: _>_'],
    ['missing == 1', 'no such attribute(s): missing'],
    ['optional.none().value() == 1', 'optional.none() dereference'],
    ['int("x") == 1', `type conversion error from 'string' to 'int'`],
    ['int(1e30) == 1', 'integer overflow'],
    ['int(-9223372036854775808.0) == 1', 'integer overflow'],
    ['uint(-0.5) == 0u', 'unsigned integer overflow'],
    ['bool(s)', `type conversion error from 'string' to 'bool'`],
    ['double(s) > 0.0', `type conversion error from 'string' to 'double'`],
    ['timestamp(s) > timestamp(0)', `type conversion error from 'string' to 'google.protobuf.Timestamp'`],
    ['uint(-1) == 1u', 'unsigned integer overflow'],
    ['timestamp("9999-12-31T23:59:59Z") + duration("1s") == timestamp(0)', 'timestamp overflow'],
    ['duration(s) == duration("1s")', `type conversion error from 'string' to 'google.protobuf.Duration'`],
    ['string(b"\\xff") == ""', 'invalid UTF-8 in bytes, cannot convert to string'],
    ['{"a": 1, "a": 2} == {}', 'Failed with repeated key'],
    ['[0, 1].all(x, 1 / x > 0)', 'division by zero'],
    ['[1, 2].map(x, 1 / (x - 1)) == []', 'division by zero'],
    ['pod.born.getHours("Nowhere/Land") == 1', 'unknown time zone Nowhere/Land'],
    ['s.matches(s + "(")', 'error parsing regexp: missing closing ): `héllo wörld(`'],
  ])('%s: %s', (text, message) => {
    expect(run(text)).toBe(message);
  });
});
