import { INT, listOf, mapOf, objectType, STRING } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson } from './fromJson.ts';
import type { CelType } from './types.ts';

const text = (maxElements: number): CelType => ({ ...STRING, maxElements });
const SELF = objectType('selfType', { name: text(20), other: text(20), list: listOf({ ...INT, maxElements: 0 }, 10), texts: listOf(text(100), 5), map: mapOf(text(0), { ...INT, maxElements: 0 }, 4), free: STRING });
const environment = { variables: { self: SELF, data: listOf(INT) } };

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

// Figures of cel-go's own rules: 1 for a variable, a field and a call; a tenth for a character; 10 for a list, 30 for a map.
it.each([
  ['self.name == "abc"', { name: 'abc' }, { cost: 3, min: 3, max: 3 }],
  ['self.name + self.other == ""', { name: 'a'.repeat(10), other: 'b'.repeat(10) }, { cost: 6, min: 4, max: 8 }],
  ['self.list.all(x, x > 1)', { list: [2, 3] }, { cost: 13, min: 3, max: 53 }],
  ['self.list.exists(x, x > 1)', { list: [0, 0] }, { cost: 15, min: 3, max: 63 }],
  ['self.list.map(x, x + 1).size() == 2', { list: [2, 3] }, { cost: 43, min: 15, max: 155 }],
  ['self.texts.exists(t, t.contains("abcdefghij"))', { texts: ['a'.repeat(100)] }, { cost: 18, min: 3, max: 78 }],
  ['self.name.matches("^[a-z]+$")', { name: 'abc' }, { cost: 4, min: 4, max: 8 }],
  ['"a" in self.map', { map: {} }, { cost: 3, min: 3, max: 3 }],
  ['1 in self.list', { list: [1, 2] }, { cost: 4, min: 2, max: 12 }],
  ['{"a": [1]}.a == [1]', {}, { cost: 52, min: 52, max: 52 }],
  ['true || self.list.all(x, x > 0)', {}, { cost: 0, min: 0, max: 53 }],
] as const)('%s', (expression, self, costs) => {
  expect(costsOf(expression, self)).toEqual(costs);
});

it('has no bounds where the schema has none', () => {
  expect(costsOf('self.free == self.free && self.free.contains(self.free)', { free: 'x' }).max).toBe(Number.POSITIVE_INFINITY);
});

it('stops what costs more than one call may, soon', () => {
  const compiled = compile('data.all(a, data.all(b, data.all(c, a + b + c >= 0)))', environment);
  if (!compiled.ok) throw new Error(compiled.message);
  const budget = { remaining: 10_000_000 };
  const began = process.cpuUsage();
  const outcome = compiled.program.evaluate({ data: fromAnyJson(Array.from({ length: 1_000 }, (_, n) => n)) }, budget);
  expect(outcome).toMatchObject({ ok: false, kind: 'exhausted', message: 'operation cancelled: actual cost limit exceeded' });
  expect(budget.remaining).toBeLessThanOrEqual(9_000_000);
  expect(millisecondsSince(began)).toBeLessThan(5_000);
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
  expect(millisecondsSince(began)).toBeLessThan(2_000);
});
