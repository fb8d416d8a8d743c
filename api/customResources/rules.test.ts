import type { FieldError } from '../fieldError.ts';
import { evaluateRules } from './evaluateRules.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { ruleTree } from './ruleTree.ts';
import { validateSchema } from './validateSchema.ts';

const show = ({ field, message }: FieldError): string => `${field}: ${message}`;
const object = (properties: Record<string, JsonSchema>, ...rules: readonly (string | object)[]): JsonSchema => ({ type: 'object', properties, ...withRules(rules) });
const withRules = (rules: readonly (string | object)[]): JsonSchema => ({ 'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)) }) as JsonSchema;
const on = (schema: JsonSchema, ...rules: readonly (string | object)[]): JsonSchema => ({ ...schema, ...withRules(rules) });

const INT: JsonSchema = { type: 'integer' };
const TEXT: JsonSchema = { type: 'string', maxLength: 10 };

function find(schema: JsonSchema, value: unknown, old?: unknown, limit?: number): { readonly errors: string[]; readonly ratcheted: string[]; readonly turns: number } {
  const evaluation = evaluateRules(ruleTree(schema)!, value, old, limit);
  let turns = 0;
  let step = evaluation.next();
  for (; !step.done; step = evaluation.next()) turns += 1;
  return { errors: step.value.errors.map(show), ratcheted: step.value.ratcheted.map(show), turns };
}
const errorsOf = (schema: JsonSchema, value: unknown, old?: unknown): string[] => find(schema, value, old).errors;

describe('rules on a value', () => {
  it.each<[name: string, schema: JsonSchema, good: unknown, bad: unknown, errors: string[]]>([
    ['a field', object({ spec: on(INT, 'self > 1') }), { spec: 2 }, { spec: 1 }, ['spec: Invalid value: 1: failed rule: self > 1']],
    ['the root', object({ spec: INT }, "self.metadata.name.startsWith('x') && self.kind == 'K'"), { kind: 'K', metadata: { name: 'xy' } }, { kind: 'K', metadata: { name: 'y' } }, [`<nil>: Invalid value: failed rule: self.metadata.name.startsWith('x') && self.kind == 'K'`]],
    ['items', object({ list: { type: 'array', maxItems: 5, items: on(INT, 'self % 2 == 0') } }), { list: [2, 4] }, { list: [2, 3] }, ['list[1]: Invalid value: 3: failed rule: self % 2 == 0']],
    ['values of a map', object({ map: { type: 'object', additionalProperties: on(TEXT, "self != ''") } }), { map: { a: 'b' } }, { map: { a: '' } }, [`map[a]: Invalid value: "": failed rule: self != ''`]],
    ['keys of a map', object({ map: on({ type: 'object', additionalProperties: TEXT }, "self.all(k, k.startsWith('a'))") }), { map: { a: 'b' } }, { map: { b: '' } }, [`map: Invalid value: failed rule: self.all(k, k.startsWith('a'))`]],
    ['names that must be escaped', object({ 'a-b': INT, namespace: INT, 'x.y/z': INT, a__b: INT }, 'self.a__dash__b == self.__namespace__ && self.x__dot__y__slash__z == self.a__underscores__b'), { 'a-b': 1, namespace: 1, 'x.y/z': 2, a__b: 2 }, { 'a-b': 1, namespace: 2, 'x.y/z': 2, a__b: 2 }, ['<nil>: Invalid value: failed rule: self.a__dash__b == self.__namespace__ && self.x__dot__y__slash__z == self.a__underscores__b']],
    ['formats', object({ d: { type: 'string', format: 'date' }, t: { type: 'string', format: 'date-time' }, w: { type: 'string', format: 'duration' }, b: { type: 'string', format: 'byte' } }, "self.t > self.d && self.w < duration('2h') && self.b == b'hi'"), { d: '2026-01-01', t: '2026-01-01T00:00:01Z', w: '1h', b: 'aGk=' }, { d: '2026-01-02', t: '2026-01-01T00:00:01Z', w: '1h', b: 'aGk=' }, [`<nil>: Invalid value: failed rule: self.t > self.d && self.w < duration('2h') && self.b == b'hi'`]],
    ['an int or string', object({ p: on({ 'x-kubernetes-int-or-string': true }, "type(self) == string ? self.endsWith('%') : self > 0") }), { p: '5%' }, { p: 0 }, [`p: Invalid value: 0: failed rule: type(self) == string ? self.endsWith('%') : self > 0`]],
    ['an embedded resource', object({ e: on({ type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }, "self.kind == 'Pod' && self.metadata.name != ''") }), { e: { kind: 'Pod', metadata: { name: 'x' } } }, { e: { kind: 'Pod', metadata: { name: '' } } }, [`e: Invalid value: failed rule: self.kind == 'Pod' && self.metadata.name != ''`]],
    ['fields that may be absent', object({ a: INT, b: INT }, 'has(self.a) || has(self.b)'), { b: 1 }, {}, ['<nil>: Invalid value: failed rule: has(self.a) || has(self.b)']],
    ['its own message', object({ a: INT }, { rule: 'self.a > 1', message: ' too small ' }), { a: 2 }, { a: 1 }, ['<nil>: Invalid value: too small']],
    ['a message made of the value', object({ a: INT }, { rule: 'self.a > 1', messageExpression: "'%d is too small'.format([self.a])" }), { a: 2 }, { a: 1 }, ['<nil>: Invalid value: 1 is too small']],
    ['a message that cannot be made', object({ a: INT }, { rule: 'self.a > 1', message: 'small', messageExpression: "string(1 / self.a)" }), { a: 2 }, { a: 0 }, ['<nil>: Invalid value: small']],
    ['a reason and a field', object({ a: INT }, { rule: 'self.a > 1', reason: 'FieldValueRequired', fieldPath: '.a', message: 'more' }), { a: 2 }, { a: 0 }, ['a: Required value: more']],
    ['what has no value', object({ a: INT, b: INT }, 'self.a / self.b > 0'), { a: 2, b: 1 }, { a: 1, b: 0 }, ['<nil>: Invalid value: "object": division by zero evaluating rule: self.a / self.b > 0']],
    ['what has no such operator', object({ a: { 'x-kubernetes-int-or-string': true } }, 'self.a > 1'), { a: 2 }, { a: 'x' }, [`<nil>: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.a > 1`]],
  ])('%s', (_, schema, good, bad, errors) => {
    expect(validateSchema(schema, false, '~').map(show)).toEqual([]);
    expect(errorsOf(schema, good)).toEqual([]);
    expect(errorsOf(schema, bad)).toEqual(errors);
  });
});

describe('values of an object', () => {
  const list = (items: JsonSchema, type: string, ...keys: string[]): JsonSchema => ({ type: 'array', items, 'x-kubernetes-list-type': type, ...(keys.length > 0 ? { 'x-kubernetes-list-map-keys': keys } : {}) });
  const set = list(TEXT, 'set');
  const pairs = list(object({ 'k.': TEXT, v: TEXT }), 'map', 'k.');
  const open: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
  const schema = object({ a: set, b: set, days: list({ type: 'string', format: 'date' }, 'set'), pairs: list(pairs, 'atomic'), opens: list({ ...object({ n: INT }), ...open }, 'atomic'), odd: list(object({ any: open }), 'atomic'), none: { ...TEXT, nullable: true }, map: { type: 'object', additionalProperties: { ...TEXT, nullable: true } } });
  const [one, two, other] = [{ 'k.': 'a', v: '1' }, { 'k.': 'b', v: '2' }, { 'k.': 'b', v: '3' }];
  const value = { a: ['x', 'y'], b: ['y', 'x'], days: ['2026-01-01', '2026-01-02'], pairs: [[one, two], [two, one], [other, one]], opens: [{ n: 1, u: 'a' }, { n: 1, u: 'b' }, { n: 1, u: 'b' }, { n: 1 }], odd: [{ any: 'a' }, { any: 1 }, { any: 1 }], none: null, map: { k: null } };

  it.each([
    // The order of a set and of a map's items does not count, and neither has an item twice.
    'self.a == self.b', "self.a == ['y', 'x']", "self.a != ['y', 'z']", "self.a + self.b == ['x', 'y']", "(self.a + ['z', 'x']).size() == 3", "(self.a + ['z'])[2] == 'z'", "!(['y', 'x'] == self.a)", "self.days == [timestamp('2026-01-02T00:00:00Z'), timestamp('2026-01-01T00:00:00Z')]",
    'self.pairs[0] == self.pairs[1]', 'self.pairs[0] != self.pairs[2]', 'self.pairs[0] + self.pairs[1] == self.pairs[0]', 'self.pairs[0] + self.pairs[2] == self.pairs[2]',
    // What expressions cannot see counts when objects are compared.
    'self.opens[0] != self.opens[1] && self.opens[1] == self.opens[2] && self.opens[0] != self.opens[3]', 'self.odd[0] != self.odd[1] && self.odd[1] == self.odd[2]',
    // A field that is null is not there; a map's value is.
    '!has(self.none)', "'k' in self.map && type(self.map['k']) == null_type",
  ])('%s', (rule) => {
    expect(errorsOf({ ...schema, ...withRules([rule]) }, value)).toEqual([]);
  });

  it('are compared so however many they are', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `n${n}`);
    const rules = { ...schema, ...withRules(['self.a == self.b', "self.a != self.b.map(t, t + '!')"]) };
    expect(errorsOf(rules, { a: many, b: many.toReversed() })).toEqual([]);
  });

  it('has no field that is null', () => {
    expect(errorsOf({ ...schema, ...withRules([`self.none == 'x'`]) }, { none: null })).toEqual([`<nil>: Invalid value: "object": no such key: none evaluating rule: self.none == 'x'`]);
  });
});

describe('rules on a change', () => {
  const grows = object({ n: on(INT, 'self >= oldSelf') });
  it('run only where there is an old value', () => {
    expect(errorsOf(grows, { n: 1 })).toEqual([]);
    expect(errorsOf(grows, { n: 1 }, {})).toEqual([]);
    expect(errorsOf(grows, { n: 2 }, { n: 1 })).toEqual([]);
    expect(errorsOf(grows, { n: 1 }, { n: 2 })).toEqual(['n: Invalid value: 1: failed rule: self >= oldSelf']);
  });

  it('run without one, too, where it is optional', () => {
    const schema = object({ n: on(INT, { rule: 'oldSelf.hasValue() ? self > oldSelf.value() : self == 0', optionalOldSelf: true }) });
    expect(validateSchema(schema, false, '~')).toEqual([]);
    expect(errorsOf(schema, { n: 1 })).toHaveLength(1);
    expect(errorsOf(schema, { n: 0 })).toEqual([]);
    expect(errorsOf(schema, { n: 2 }, { n: 1 })).toEqual([]);
    expect(errorsOf(schema, { n: 1 }, { n: 1 })).toHaveLength(1);
  });

  it('find the items of a map list by their keys', () => {
    const schema = object({ list: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { ...on(object({ name: TEXT, n: INT }), 'self.n >= oldSelf.n'), required: ['name'] } } });
    expect(validateSchema(schema, false, '~')).toEqual([]);
    expect(errorsOf(schema, { list: [{ name: 'b', n: 1 }, { name: 'a', n: 5 }, { name: 'new', n: 0 }] }, { list: [{ name: 'a', n: 4 }, { name: 'b', n: 2 }] })).toEqual(['list[0]: Invalid value: failed rule: self.n >= oldSelf.n']);
  });
});

it('lets pass what an update does not change, as a warning', () => {
  const schema = object({ a: on(INT, 'self > 1'), list: { type: 'array', items: on(INT, 'self > 1') }, n: INT });
  expect(find(schema, { a: 0, list: [0], n: 2 }, { a: 0, list: [0], n: 1 })).toMatchObject({ errors: [], ratcheted: ['a: Invalid value: 0: failed rule: self > 1', 'list[0]: Invalid value: 0: failed rule: self > 1'] });
  expect(errorsOf(schema, { a: 1, list: [0, 2] }, { a: 0, list: [0] })).toEqual(['a: Invalid value: 1: failed rule: self > 1', 'list[0]: Invalid value: 0: failed rule: self > 1']);
});

describe('limits', () => {
  const slow = object({ list: { type: 'array', items: INT } }, 'self.list.all(a, self.list.all(b, a + b >= 0))', 'true');
  const list = Array.from({ length: 300 }, (_, n) => n);

  it('end a rule that costs too much, and all that would follow', () => {
    expect(errorsOf(slow, { list: Array.from({ length: 500 }, (_, n) => n) })).toEqual([`<nil>: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.list.all(a, self.list.all(b, a + b >= 0))`]);
  });

  it('end all rules when their budget is spent', () => {
    expect(find(slow, { list }, undefined, 1_000).errors).toEqual(['<nil>: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run']);
  });

  it('make way for others in between', () => {
    expect(find(slow, { list })).toMatchObject({ errors: [], turns: 64 });
  });
});

describe('the definition', () => {
  // As Go's JSON, which can stand in HTML.
  const shown = (rule: string, more: object = {}): string => JSON.stringify({ Rule: rule, Message: '', MessageExpression: '', Reason: null, FieldPath: '', OptionalOldSelf: null, ...more }).replaceAll('>', '\\u003e').replaceAll('<', '\\u003c').replaceAll('&', '\\u0026');
  it.each<[name: string, schema: JsonSchema, errors: string[]]>([
    ['a name that there is not', object({ a: INT }, 'self.b > 1'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.b > 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`]],
    ['no condition', object({ a: INT }, 'self.a'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.a')}: cel expression must evaluate to a bool`]],
    ['a message that is no text', object({ a: INT }, { rule: 'true', messageExpression: 'self.a' }), [`~.x-kubernetes-validations[0].messageExpression: Invalid value: ${shown('true', { MessageExpression: 'self.a' })}: messageExpression must evaluate to a string`]],
    ['fields that are not declared', object({ any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }, 'self.any.x == 1'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.any.x == 1')}: compilation failed: ERROR: <input>:1:9: undefined field 'x'\n | self.any.x == 1\n | ........^`]],
    ['an old value that cannot be found', object({ list: { type: 'array', maxItems: 3, items: on(INT, 'self == oldSelf') } }), ['~.properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ~.properties[list]']],
    ['an optional old value that is not used', object({ a: INT }, { rule: 'self.a > 1', optionalOldSelf: true }), ['~.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule']],
    ['an optional old value of a rule that cannot be read', object({ a: INT }, { rule: 'self.b', optionalOldSelf: true }), [expect.stringContaining('~.x-kubernetes-validations[0].rule: Invalid value:'), '~.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule']],
    ['an old value in an atomic map', object({ map: { ...object({ a: on(INT, 'self == oldSelf') }), 'x-kubernetes-map-type': 'atomic' } }), []],
    ['a value without a type', object({ any: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-validations': [{ rule: 'true' }] } }), ['~.properties[any].x-kubernetes-validations: Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations']],
    ['a fault elsewhere', object({ a: on(INT, 'self'), b: { ...on({ type: 'array', items: INT, uniqueItems: true }, 'self') } }), ['~.properties[b].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic', expect.stringContaining('~.properties[a].x-kubernetes-validations[0].rule: Invalid value:')]],
    ['a path to nowhere', object({ a: INT }, { rule: 'self.a > 1', fieldPath: '.b' }), ['~.x-kubernetes-validations[0].fieldPath: Invalid value: ".b": must be a valid path']],
    ['a rule without bounds', object({ list: { type: 'array', items: { type: 'string' } } }, 'self.list.all(x, self.list.all(y, x == y))'), [
      '~.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      '~.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      '~: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ]],
  ])('%s', (_, schema, errors) => {
    expect(validateSchema(schema, false, '~').map(show)).toEqual(errors);
  });

  it('takes rules whose lists and texts are bounded', () => {
    expect(validateSchema(object({ list: { type: 'array', maxItems: 20, items: TEXT } }, 'self.list.all(x, self.list.exists(y, x == y))'), false, '~')).toEqual([]);
  });
});

describe('defaults', () => {
  const faults = (schema: JsonSchema): string[] => validateSchema(object({ spec: schema }), false, '~').map(show);

  it.each<[name: string, schema: JsonSchema, errors: string[]]>([
    ['one that keeps a rule', { ...on(INT, 'self >= 1'), default: 1 }, []],
    ['one that breaks a rule', { ...on(INT, 'self >= 1'), default: 0 }, ['~.properties[spec].default: Invalid value: 0: failed rule: self >= 1']],
    ['one that breaks a rule on a part of it', { ...object({ list: { type: 'array', maxItems: 3, items: on(INT, 'self >= 1') } }), default: { list: [1, 0] } }, ['~.properties[spec].default.list[1]: Invalid value: 0: failed rule: self >= 1']],
    ['one of a part', object({ n: { ...on(INT, 'self >= 1'), default: 0 } }), ['~.properties[spec].properties[n].default: Invalid value: 0: failed rule: self >= 1']],
    ['an optional old value, of which there is none', { ...on({ type: 'string' }, { rule: 'oldSelf.hasValue()', optionalOldSelf: true, message: 'none' }), default: 'x' }, ['~.properties[spec].default: Invalid value: "x": none']],
    ['an optional old value that need not be', { ...on({ type: 'string' }, { rule: 'oldSelf.orValue(self) == self', optionalOldSelf: true }), default: 'x' }, []],
    ['a rule about changes', { ...on(INT, 'self > oldSelf'), default: 0 }, ['~.properties[spec].default: Invalid value: 0: failed rule: self > oldSelf']],
    ['one that is not of its type', { ...on(INT, 'self >= 1'), default: 'x' }, ['~.properties[spec].default: Invalid value: "string":  in body must be of type integer: "string"']],
  ])('%s', (_, schema, errors) => {
    expect(faults(schema)).toEqual(errors);
  });

  it('do not take long', () => {
    const slow: JsonSchema = { ...on({ type: 'array', maxItems: 100, items: INT }, 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))'), default: Array.from({ length: 100 }, (_, n) => n) };
    expect(faults(slow)[0]).toBe('~.properties[spec].default: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run');
  });
});

it('refuses rules within the junctors of a schema', () => {
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) expect(validateSchema(object({ n: { ...INT, [name]: [withRules(['self > 1'])] } }), false, '~').map(show)).toEqual([`~.properties[n].${name}[0].x-kubernetes-validations: Forbidden: must be empty to be structural`]);
  expect(validateSchema(object({ n: { ...INT, not: withRules(['self > 1']) } }), false, '~').map(show)).toEqual(['~.properties[n].not.x-kubernetes-validations: Forbidden: must be empty to be structural']);
});
