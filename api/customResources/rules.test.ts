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
    ['a field', object({ spec: on(INT, 'self > 1') }), { spec: 2 }, { spec: 1 }, ['spec: Invalid value: "integer": failed rule: self > 1']],
    ['the root', object({ spec: INT }, "self.metadata.name.startsWith('x') && self.kind == 'K'"), { kind: 'K', metadata: { name: 'xy' } }, { kind: 'K', metadata: { name: 'y' } }, [`<nil>: Invalid value: "object": failed rule: self.metadata.name.startsWith('x') && self.kind == 'K'`]],
    ['items', object({ list: { type: 'array', maxItems: 5, items: on(INT, 'self % 2 == 0') } }), { list: [2, 4] }, { list: [2, 3] }, ['list[1]: Invalid value: "integer": failed rule: self % 2 == 0']],
    ['values of a map', object({ map: { type: 'object', additionalProperties: on(TEXT, "self != ''") } }), { map: { a: 'b' } }, { map: { a: '' } }, [`map[a]: Invalid value: "string": failed rule: self != ''`]],
    ['keys of a map', object({ map: on({ type: 'object', additionalProperties: TEXT }, "self.all(k, k.startsWith('a'))") }), { map: { a: 'b' } }, { map: { b: '' } }, [`map: Invalid value: "object": failed rule: self.all(k, k.startsWith('a'))`]],
    ['names that must be escaped', object({ 'a-b': INT, namespace: INT, 'x.y/z': INT, a__b: INT }, 'self.a__dash__b == self.__namespace__ && self.x__dot__y__slash__z == self.a__underscores__b'), { 'a-b': 1, namespace: 1, 'x.y/z': 2, a__b: 2 }, { 'a-b': 1, namespace: 2, 'x.y/z': 2, a__b: 2 }, ['<nil>: Invalid value: "object": failed rule: self.a__dash__b == self.__namespace__ && self.x__dot__y__slash__z == self.a__underscores__b']],
    ['formats', object({ d: { type: 'string', format: 'date' }, t: { type: 'string', format: 'date-time' }, w: { type: 'string', format: 'duration' }, b: { type: 'string', format: 'byte' } }, "self.t > self.d && self.w < duration('2h') && self.b == b'hi'"), { d: '2026-01-01', t: '2026-01-01T00:00:01Z', w: '1h', b: 'aGk=' }, { d: '2026-01-02', t: '2026-01-01T00:00:01Z', w: '1h', b: 'aGk=' }, [`<nil>: Invalid value: "object": failed rule: self.t > self.d && self.w < duration('2h') && self.b == b'hi'`]],
    ['an int or string', object({ p: on({ 'x-kubernetes-int-or-string': true }, "type(self) == string ? self.endsWith('%') : self > 0") }), { p: '5%' }, { p: 0 }, [`p: Invalid value: "": failed rule: type(self) == string ? self.endsWith('%') : self > 0`]],
    ['an embedded resource', object({ e: on({ type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }, "self.kind == 'Pod' && self.metadata.name != ''") }), { e: { kind: 'Pod', metadata: { name: 'x' } } }, { e: { kind: 'Pod', metadata: { name: '' } } }, [`e: Invalid value: "object": failed rule: self.kind == 'Pod' && self.metadata.name != ''`]],
    ['fields that may be absent', object({ a: INT, b: INT }, 'has(self.a) || has(self.b)'), { b: 1 }, {}, ['<nil>: Invalid value: "object": failed rule: has(self.a) || has(self.b)']],
    ['its own message', object({ a: INT }, { rule: 'self.a > 1', message: ' too small ' }), { a: 2 }, { a: 1 }, ['<nil>: Invalid value: "object": too small']],
    ['a message made of the value', object({ a: INT }, { rule: 'self.a > 1', messageExpression: "'%d is too small'.format([self.a])" }), { a: 2 }, { a: 1 }, ['<nil>: Invalid value: "object": 1 is too small']],
    ['a message that cannot be made', object({ a: INT }, { rule: 'self.a > 1', message: 'small', messageExpression: "string(1 / self.a)" }), { a: 2 }, { a: 0 }, ['<nil>: Invalid value: "object": small']],
    ['a reason and a field', object({ a: INT }, { rule: 'self.a > 1', reason: 'FieldValueRequired', fieldPath: '.a', message: 'more' }), { a: 2 }, { a: 0 }, ['a: Required value: more']],
    ['what has no value', object({ a: INT, b: INT }, 'self.a / self.b > 0'), { a: 2, b: 1 }, { a: 1, b: 0 }, ['<nil>: Invalid value: "object": division by zero evaluating rule: self.a / self.b > 0']],
    ['what has no such operator', object({ a: { 'x-kubernetes-int-or-string': true } }, 'self.a > 1'), { a: 2 }, { a: 'x' }, [`<nil>: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.a > 1`]],
  ])('%s', (_, schema, good, bad, errors) => {
    expect(validateSchema(schema, false, '~').map(show)).toEqual([]);
    expect(errorsOf(schema, good)).toEqual([]);
    expect(errorsOf(schema, bad)).toEqual(errors);
  });
});

describe('rules on a change', () => {
  const grows = object({ n: on(INT, 'self >= oldSelf') });
  it('run only where there is an old value', () => {
    expect(errorsOf(grows, { n: 1 })).toEqual([]);
    expect(errorsOf(grows, { n: 1 }, {})).toEqual([]);
    expect(errorsOf(grows, { n: 2 }, { n: 1 })).toEqual([]);
    expect(errorsOf(grows, { n: 1 }, { n: 2 })).toEqual(['n: Invalid value: "integer": failed rule: self >= oldSelf']);
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
    expect(errorsOf(schema, { list: [{ name: 'b', n: 1 }, { name: 'a', n: 5 }, { name: 'new', n: 0 }] }, { list: [{ name: 'a', n: 4 }, { name: 'b', n: 2 }] })).toEqual(['list[0]: Invalid value: "object": failed rule: self.n >= oldSelf.n']);
  });
});

it('lets pass what an update does not change, as a warning', () => {
  const schema = object({ a: on(INT, 'self > 1'), list: { type: 'array', items: on(INT, 'self > 1') }, n: INT });
  expect(find(schema, { a: 0, list: [0], n: 2 }, { a: 0, list: [0], n: 1 })).toMatchObject({ errors: [], ratcheted: ['a: Invalid value: "integer": failed rule: self > 1', 'list[0]: Invalid value: "integer": failed rule: self > 1'] });
  expect(errorsOf(schema, { a: 1, list: [0, 2] }, { a: 0, list: [0] })).toEqual(['a: Invalid value: "integer": failed rule: self > 1', 'list[0]: Invalid value: "integer": failed rule: self > 1']);
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
    expect(find(slow, { list })).toMatchObject({ errors: [], turns: 1 });
  });
});

describe('the definition', () => {
  const shown = (rule: string, more: object = {}): string => JSON.stringify({ Rule: rule, Message: '', MessageExpression: '', Reason: null, FieldPath: '', OptionalOldSelf: null, ...more });
  it.each<[name: string, schema: JsonSchema, errors: string[]]>([
    ['a name that there is not', object({ a: INT }, 'self.b > 1'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.b > 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`]],
    ['no condition', object({ a: INT }, 'self.a'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.a')}: cel expression must evaluate to a bool`]],
    ['a message that is no text', object({ a: INT }, { rule: 'true', messageExpression: 'self.a' }), [`~.x-kubernetes-validations[0].messageExpression: Invalid value: ${shown('true', { MessageExpression: 'self.a' })}: messageExpression must evaluate to a string`]],
    ['fields that are not declared', object({ any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }, 'self.any.x == 1'), [`~.x-kubernetes-validations[0].rule: Invalid value: ${shown('self.any.x == 1')}: compilation failed: ERROR: <input>:1:9: undefined field 'x'\n | self.any.x == 1\n | ........^`]],
    ['an old value that cannot be found', object({ list: { type: 'array', maxItems: 3, items: on(INT, 'self == oldSelf') } }), ['~.properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ~.properties[list]']],
    ['an optional old value that is not used', object({ a: INT }, { rule: 'self.a > 1', optionalOldSelf: true }), ['~.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule']],
    ['a path to nowhere', object({ a: INT }, { rule: 'self.a > 1', fieldPath: '.b' }), ['~.x-kubernetes-validations[0].fieldPath: Invalid value: ".b": fieldPath must be a valid path: does not refer to a valid field']],
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
