import { atOnce } from '../cel/atOnce.ts';
import type { FieldError } from '../fieldError.ts';
import { isUnchanged } from './correlation.ts';
import { evaluateRules } from './evaluateRules.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { ruleTree } from './ruleTree.ts';
import { validateValue } from './validateValue.ts';

const TEXT: JsonSchema = { type: 'string' };
const INT: JsonSchema = { type: 'integer' };
const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({ type: 'object', properties, ...more });
const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', ...more, items });
const mapOf = (values: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'object', ...more, additionalProperties: values });
const byName = (item: JsonSchema, more: JsonSchema = {}): JsonSchema => list(object({ name: TEXT, port: INT, field: item }), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name', 'port'], ...more });
const rule = (text: string, optionalOldSelf = false): JsonSchema => ({ 'x-kubernetes-validations': [{ rule: text, ...(optionalOldSelf ? { optionalOldSelf } : {}) }] });
const item = (name: string, port: number, field = 'value'): Fields => ({ name, port, field });

const show = ({ field, message }: FieldError): string => `${field}: ${message}`;

/** What is said of an update of objects that have metadata, as all do. */
function errorsOf(fields: JsonSchema, old: unknown, value: unknown): string[] {
  const schema = object({ f: fields, other: TEXT });
  const [before, now] = [{ metadata: { name: 'x' }, f: old }, { metadata: { name: 'x' }, f: value, other: 'new' }];
  const tree = ruleTree(schema);
  return [...validateValue(now, schema, before), ...(tree ? atOnce(evaluateRules(tree, now, before)).errors : [])].map(show);
}

describe('an update', () => {
  const three = [item('a', 1), item('b', 2), item('c', 3)];
  it.each<[name: string, schema: JsonSchema, old: unknown, same: unknown, changed: unknown, errors: string[]]>([
    ['a bound', { ...INT, minimum: 10 }, 0, 0, 5, ['f: Invalid value: 5: f in body should be greater than or equal to 10']],
    ['what is allowed', { ...TEXT, enum: ['A', 'B'] }, 'C', 'C', 'D', ['f: Unsupported value: "D": supported values: "A", "B"']],
    ['values of a map', mapOf({ ...INT, minimum: 1000 }), { one: 1, two: 1_000_000 }, { one: 1, two: 2000 }, { one: 2, two: 2000 }, ['f.one: Invalid value: 2: f.one in body should be greater than or equal to 1000']],
    ['how many fields', mapOf(TEXT, { maxProperties: 1 }), { a: 'hi', b: 'there' }, { b: 'there', a: 'hi' }, { a: 'changed', b: 'there' }, ['f: Too many: 2: must have at most 1 item']],
    ['how many items', list(TEXT, { minItems: 3 }), ['a', 'b'], ['a', 'b'], ['b', 'b'], ['f: Invalid value: 2: f in body should have at least 3 items']],
    ['a length', { ...TEXT, maxLength: 3 }, 'long', 'long', 'longer', ['f: Too long: may not be more than 3 bytes']],
    ['a pattern', { ...TEXT, pattern: '^[1-9]+$' }, 'no', 'no', 'w1', [`f: Invalid value: "w1": f in body should match '^[1-9]+$'`]],
    ['a format', { ...TEXT, format: 'byte' }, 'not any', 'not any', 'asd', ['f: Invalid value: "asd": f in body must be of type byte: "asd"']],
    ['a list by its keys, in another order', byName(TEXT, { maxItems: 2 }), three, [three[2], three[0], three[1]], [...three, item('d', 4)], ['f: Too many: 4: must have at most 2 items']],
    ['an item by its keys, beside what changes', byName({ ...TEXT, maxLength: 3 }), three, [item('c', 3), item('d', 8, 'new')], [item('a', 2), item('c', 3)], ['f[0].field: Too long: may not be more than 3 bytes']],
    ['items of other lists, which are not told apart', list(mapOf({ ...TEXT, maxLength: 3 })), [{ k: 'long' }, { k: 'ok' }], [{ k: 'long' }, { k: 'ok' }], [{ k: 'long' }, { k: 'new' }], ['f[0].k: Too long: may not be more than 3 bytes']],
    ['alternatives', { ...TEXT, anyOf: [{ pattern: '^a' }] }, 'b', 'b', 'c', ['<nil>: Invalid value: "": "f" must validate at least one schema (anyOf)', `f: Invalid value: "c": f in body should match '^a'`]],
    ['fields that the schema does not have', object({ n: { ...INT, minimum: 1 } }, { minProperties: 3, 'x-kubernetes-preserve-unknown-fields': true }), { n: 0, m: 0 }, { n: 1, m: 0, k: 0 }, { n: 0, m: 0 }, ['f: Invalid value: 2: f in body should have at least 3 properties']],
    ['a rule', { ...TEXT, ...rule("self.startsWith('k8s')") }, 'a', 'a', 'b', [`f: Invalid value: "b": failed rule: self.startsWith('k8s')`]],
    ['a rule within a map', mapOf(object({ s: { ...TEXT, ...rule("self.startsWith('k8s')") }, n: INT })), { a: { s: 'x', n: 1 } }, { a: { s: 'x', n: 2 }, b: { s: 'k8s' } }, { b: { s: 'x' } }, [`f[b].s: Invalid value: "x": failed rule: self.startsWith('k8s')`]],
    ['a rule of a list by its keys', byName(TEXT, { maxItems: 5, ...rule('self.size() < 2') }), three, [three[1], three[2], three[0]], [three[0], three[1]], ['f: Invalid value: failed rule: self.size() < 2']],
  ])('may leave %s as it was', (_, schema, old, same, changed, errors) => {
    expect(errorsOf(schema, old, same)).toEqual([]);
    expect(errorsOf(schema, old, changed)).toEqual(errors);
  });

  it('is always judged by what rules say of a change', () => {
    expect(errorsOf({ ...TEXT, ...rule("oldSelf != 'a' || self == 'ok'") }, 'a', 'a')).toEqual([`f: Invalid value: "a": failed rule: oldSelf != 'a' || self == 'ok'`]);
    expect(errorsOf({ ...TEXT, ...rule('!oldSelf.hasValue()', true) }, 'a', 'a')).toEqual(['f: Invalid value: "a": failed rule: !oldSelf.hasValue()']);
    expect(errorsOf({ ...TEXT, ...rule('!oldSelf.hasValue()', true) }, undefined, 'a')).toEqual([]);
  });

  it('never leaves the whole as it was: its metadata has no schema', () => {
    const schema = object({ n: INT }, { maxProperties: 1, ...rule('self.n > 1') });
    const whole = { metadata: {}, n: 1 };
    expect(validateValue(whole, schema, whole).map(show)).toEqual(['<nil>: Too many: 2: must have at most 1 item']);
    expect(atOnce(evaluateRules(ruleTree(schema)!, whole, whole)).errors.map(show)).toEqual(['<nil>: Invalid value: failed rule: self.n > 1']);
  });
});

describe('what did not change', () => {
  const items = byName(TEXT);
  it.each<[schema: JsonSchema, value: unknown, old: unknown, same: boolean]>([
    [object({ a: INT }), { a: 1 }, { a: 1 }, true],
    [object({ a: INT }), { b: 1 }, { b: 1 }, false],
    [object({ a: INT }), {}, {}, true],
    [object({ a: INT }), { a: null }, { a: null }, true],
    [mapOf(object({ a: INT })), { x: { a: 1 } }, { x: { a: 2 } }, false],
    [list(INT), [1, 2], [2, 1], false],
    [list(object({ a: INT })), [{ b: 1 }], [{ b: 1 }], true],
    [items, [item('a', 1), item('b', 2)], [item('b', 2), item('a', 1)], true],
    [items, [item('a', 1), item('b', 2)], [item('b', 2), item('a', 2)], false],
    [items, [{ name: 'a' }], [{ name: 'a' }], false],
    [items, [item('a', 1)], [item('a', 1), item('b', 1)], false],
    [items, [], [], true],
    [INT, 1, '1', false],
  ])('%j: %j, formerly %j', (schema, value, old, same) => {
    expect(isUnchanged(value, old, schema)).toBe(same);
  });
});
