import { DYN, INT, listOf, mapOf, objectType, STRING } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson } from './fromJson.ts';
import type { CelType } from './types.ts';

const text = (maxElements: number): CelType => ({ ...STRING, maxElements });
const SELF = objectType('selfType', { name: text(20), other: text(20), list: listOf({ ...INT, maxElements: 0 }, 10), texts: listOf(text(100), 5), map: mapOf(text(0), { ...INT, maxElements: 0 }, 4), free: STRING, text: STRING });
const environment = { variables: { self: SELF, data: listOf(INT) }, bindings: true, constructs: () => undefined };

/** What this process has worked since then: the machine may be busy with others. */
function millisecondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function costsOf(expression: string, self: unknown = {}): { readonly cost: number; readonly min: number; readonly max: number } {
  const compiled = compile(expression, environment);
  if (!compiled.ok) throw new Error(compiled.message);
  const { cost } = compiled.program.evaluate({ self: fromAnyJson(self), data: fromAnyJson(Array.from({ length: 1_000 }, (_, n) => n)) }, { remaining: 1e9 });
  return { cost, ...compiled.program.estimate };
}

// Figures of cel-go's own rules: 1 for a variable, a field and a call; a tenth for a character; 10 for a list, 30 for a map, nothing for one of constants when it runs.
it.each([
  ['self.name == "abc"', { name: 'abc' }, { cost: 3, min: 3, max: 3 }],
  ['self.name + self.other == ""', { name: 'a'.repeat(10), other: 'b'.repeat(10) }, { cost: 6, min: 4, max: 8 }],
  ['self.list.all(x, x > 1)', { list: [2, 3] }, { cost: 13, min: 3, max: 53 }],
  ['self.list.exists(x, x > 1)', { list: [0, 0] }, { cost: 15, min: 3, max: 63 }],
  ['self.list.map(x, x + 1).size() == 2', { list: [2, 3] }, { cost: 33, min: 15, max: 155 }],
  ['self.texts.exists(t, t.contains("abcdefghij"))', { texts: ['a'.repeat(100)] }, { cost: 18, min: 3, max: 78 }],
  ['self.name.matches("^[a-z]+$")', { name: 'abc' }, { cost: 4, min: 4, max: 8 }],
  ['"a" in self.map', { map: {} }, { cost: 3, min: 3, max: 3 }],
  ['1 in self.list', { list: [1, 2] }, { cost: 4, min: 2, max: 12 }],
  ['{"a": [1]}.a == [1]', {}, { cost: 3, min: 51, max: 51 }],
  // As upstream's own test of its libraries' costs has them.
  ["url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", {}, { cost: 7, min: 7, max: 9 }],
  ["'abc 123 def 123'.replace('', 'x')", {}, { cost: 3, min: 3, max: 3 }],
  ["jsonpatch.escapeKey('abc/def~ abc/def~')", {}, { cost: 2, min: 2, max: 2 }],
  ['format.named("dns1123Label").value().validate("my-name")', {}, { cost: 10, min: 34, max: 34 }],
  ['format.named("dns1123Label").value() == format.named("dns1123Label").value()', {}, { cost: 5, min: 5, max: 11 }],
  ["{'a': 1, 'b': 2}.exists(k, v, v > 0)", {}, { cost: 10, min: 39, max: 43 }],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", {}, { cost: 11, min: 71, max: 71 }],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, v < 5, {k: v + 1})", {}, { cost: 75, min: 67, max: 135 }],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')", {}, { cost: 5, min: 11, max: 1_844_674_407_370_955_300 }],
  ['self.texts.join()', { texts: ['ab', 'c'] }, { cost: 3, min: 2, max: 52 }],
  ['[3, 1, 2].sort()', {}, { cost: 29, min: 39, max: 39 }],
  ['[3, 1, 2].slice(0, 2)', {}, { cost: 13, min: 23, max: 23 }],
  ['lists.range(5)', {}, { cost: 16, min: 16, max: 16 }],
  ['"a" in self.map ? self.name : self.other', { map: { a: 1 }, name: 'a' }, { cost: 4, min: 5, max: 5 }],
  ['has(self.name)', { name: 'a' }, { cost: 1, min: 1, max: 1 }],
  ['self.name in ["a", "b"]', { name: 'a' }, { cost: 2, min: 14, max: 14 }],
  ['[self.name][0]', { name: 'a' }, { cost: 14, min: 13, max: 13 }],
  ['int("12") + 1', {}, { cost: 1, min: 2, max: 2 }],
  ['self.list.filter(x, x > 1)', { list: [1, 2] }, { cost: 20, min: 13, max: 163 }],
  ['self.?name.optMap(n, 1)', { name: 'a' }, { cost: 4, min: 4, max: 17 }],
  ['true || self.list.all(x, x > 0)', {}, { cost: 0, min: 0, max: 53 }],
] as const)('%s', (expression, self, costs) => {
  expect(costsOf(expression, self)).toEqual(costs);
});

it('has no bounds where the schema has none', () => {
  // What becomes of a text in a conversion to one is not of the schema.
  expect(costsOf("('at ' + string(self.name)).size() > 0", { name: 'x' }).max).toBeGreaterThan(1e18);
  expect(costsOf('self.free == self.free && self.free.contains(self.free)', { free: 'x' }).max).toBe(2 ** 64);
});

it('stops what costs more than one call may, soon', () => {
  const compiled = compile('data.all(a, data.all(b, data.all(c, a + b + c >= 0)))', environment);
  if (!compiled.ok) throw new Error(compiled.message);
  const budget = { remaining: 10_000_000 };
  const began = process.cpuUsage();
  const outcome = compiled.program.evaluate({ data: fromAnyJson(Array.from({ length: 1_000 }, (_, n) => n)) }, budget);
  expect(outcome).toMatchObject({ ok: false, kind: 'exhausted', message: 'operation cancelled: actual cost limit exceeded' });
  expect(budget.remaining).toBeLessThanOrEqual(9_000_000);
  expect(millisecondsSince(began)).toBeLessThan(15_000);
});

it.each([
  ['texts that grow', 'data.map(x, x).all(x, "x".replace("x", self.big).replace("x", self.big).replace("x", self.big).size() > 0)'],
  ['lists that are copied', 'data.all(x, (data + data + data + data).size() > 0)'],
  ['comparing what is nested', 'data.all(x, self.nested == self.same)'],
  ['long texts that are counted', 'data.all(x, data.all(y, self.long.size() > 0))'],
  ['searching a long text for a long one', 'data.all(x, self.long.indexOf(self.long + "b") < 0)'],
  ['errors that are absorbed', 'data.all(x, data.all(y, 1 / 0 > 0 || true))'],
])('is never held up for long by %s', (_, expression) => {
  const compiled = compile(expression, { variables: { self: { kind: 'dyn' }, data: listOf(INT) } });
  if (!compiled.ok) throw new Error(compiled.message);
  const nested = (): unknown => Array.from({ length: 300 }, (_, n) => Array.from({ length: 300 }, () => n));
  const self = fromAnyJson({ big: 'x'.repeat(3_000), long: 'a'.repeat(1_000_000), as: `${'a'.repeat(22)}b`, nested: [nested()], same: [nested()] });
  const began = process.cpuUsage();
  compiled.program.evaluate({ self, data: fromAnyJson(Array.from({ length: 3_000 }, (_, n) => n)) }, { remaining: 10_000_000, perCall: 100_000 });
  // A tenth of what a call may cost; jest's own world makes all of this several times slower than it is outside.
  expect(millisecondsSince(began)).toBeLessThan(6_000);
});

// Wherever the loops stand in the expression.
it.each([
  'data.all(a, data.all(b, a + b >= 0))',
  'data.map(a, data.filter(b, b > a)).all(list, list.size() >= 0)',
  '1 + data.map(a, data.exists_one(b, a == b) ? 1 : 0).sum() > 0',
  'data.exists(a, a < 0) || data.map(a, a).exists(a, data.all(b, b != a))',
  'cel.bind(all, data.map(a, data.map(b, a + b)), all.all(list, list.all(n, n >= 0)))',
  '[data.transformList(i, a, data.all(b, b >= i - i)), [true]].all(list, list.all(each, each))',
  '{"a": data.all(a, data.all(b, true))}.a',
  'optional.of(data.map(a, data.map(b, a * b))).orValue([]).size() > 0',
  'data.all(a, "x".matches("x{" + string(a % 1000) + "}") || true)',
  'data.all(a, self.text.matches("^(x|y)*z$") || true)',
])('lets others have their turn while it evaluates %s', (expression) => {
  const compiled = compile(expression, environment);
  if (!compiled.ok) throw new Error(compiled.message);
  const bindings = { self: fromAnyJson({ text: 'xy'.repeat(10_000) }), data: fromAnyJson(Array.from({ length: 400 }, (_, n) => n)) };
  const work = compiled.program.evaluation(bindings, { remaining: 10_000_000 });
  let turns = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) turns += 1;
  expect(turns).toBeGreaterThanOrEqual(Math.max(2, Math.floor(step.value.cost / 12_000)));
  expect(step.value).toEqual(compiled.program.evaluate(bindings, { remaining: 10_000_000 }));
});

const LARGE = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, { n }]));

// Each takes longer than one turn, with nothing that loops in the expression.
it.each(['self.one == self.other', 'self.one != self.other || true', 'self.one in [self.other]', 'sets.contains([self.one], [self.other])', '[self.one, self.other].distinct().size() == 1', '[self.one].indexOf(self.other) == 0', 'optional.of(self.one) == optional.of(self.other)', '[self.one].all(x, x == self.other)'])('compares large values in turns: %s', (expression) => {
  const compiled = compile(expression, { variables: { self: { kind: 'dyn' } } });
  if (!compiled.ok) throw new Error(compiled.message);
  const self = fromAnyJson({ one: LARGE, other: structuredClone(LARGE) });
  const work = compiled.program.evaluation({ self }, { remaining: 10_000_000 });
  let turns = 1;
  let step = work.next();
  for (; !step.done; step = work.next()) turns += 1;
  expect(turns).toBeGreaterThan(2);
  expect(step.value).toMatchObject({ ok: true, value: true });
});

it.each(["'%s'.format([data.map(x, self.big)])", "data.map(x, self.big).join('')", 'data.map(x, data).flatten().flatten().size() > 0 && data.map(x, data).map(y, y.map(z, data)).flatten(2).size() > 0'])('gives up on what would be too large: %s', (expression) => {
  const compiled = compile(expression, { variables: { self: { kind: 'dyn' }, data: listOf(DYN) } });
  if (!compiled.ok) throw new Error(compiled.message);
  expect(compiled.program.evaluate({ self: fromAnyJson({ big: 'x'.repeat(1_000_000) }), data: fromAnyJson(Array.from({ length: 1_000 }, (_, n) => n)) }, { remaining: 10_000_000 })).toMatchObject({ ok: false, kind: 'exhausted' });
});

it.each(['self.deep == self.same', "'%s'.format([self.deep]) == ''", '[self.deep].indexOf(self.same) == 0', 'self.deep in [self.same]'])('gives up on what is nested too deeply: %s', (expression) => {
  const compiled = compile(expression, { variables: { self: { kind: 'dyn' } } });
  if (!compiled.ok) throw new Error(compiled.message);
  const nest = (): unknown => Array.from({ length: 9_000 }).reduce<unknown>((inner) => [inner], 1);
  expect(compiled.program.evaluate({ self: fromAnyJson({ deep: nest(), same: nest() }) }, { remaining: 10_000_000 })).toMatchObject({ ok: false, kind: 'exhausted' });
});

it('does not take what every object of JavaScript has for an entry of a map, or for a keyword', () => {
  const compiled = compile("'toString' in self.map || '__proto__' in self.map || has(self.map.constructor)", { variables: { self: { kind: 'dyn' } } });
  expect(compile('valueOf == 1', { variables: {} })).toMatchObject({ ok: false, message: expect.stringContaining("undeclared reference to 'valueOf'") });
  if (!compiled.ok) throw new Error(compiled.message);
  expect(compiled.program.evaluate({ self: fromAnyJson({ map: { a: 1 } }) }, { remaining: 1_000 })).toMatchObject({ ok: true, value: false });
  expect(compiled.program.evaluate({ self: fromAnyJson({ map: JSON.parse('{"__proto__": 1}') }) }, { remaining: 1_000 })).toMatchObject({ ok: true, value: true });
});
