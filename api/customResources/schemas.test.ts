import { applyDefaults } from './defaults.ts';
import { validateEmbedded } from './embedded.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { validateListTypes } from './listTypes.ts';
import { pruneObject } from './prune.ts';
import { validateSchema } from './validateSchema.ts';
import { validateValue } from './validateValue.ts';

const object = (properties: Record<string, JsonSchema>, more: Partial<JsonSchema> = {}): JsonSchema => ({ type: 'object', properties, ...more });
const spec = (schema: JsonSchema): JsonSchema => object({ spec: object({ a: schema }) });
const texts = (errors: readonly { field: string; message: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);
const faults = (schema: JsonSchema, a: unknown, old?: unknown): string[] => texts(validateValue({ spec: { a } }, spec(schema), old === undefined ? undefined : { spec: { a: old } }));

describe('validateValue', () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    ['a type', { type: 'integer' }, 'x', ['spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"']],
    ['a whole number as number', { type: 'number' }, 3, []],
    ['a broken number as integer', { type: 'integer' }, 1.5, ['<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.a', 'spec.a: Invalid value: "number": spec.a in body must be of type integer: "number"']],
    ['null', { type: 'string' }, null, ['spec.a: Invalid value: "null": spec.a in body must be of type string: "null"']],
    ['null where it is allowed', { type: 'string', nullable: true }, null, []],
    ['int or string', { 'x-kubernetes-int-or-string': true }, '5%', []],
    ['neither int nor string', { 'x-kubernetes-int-or-string': true }, true, ['spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"']],
    ['required', object({}, { required: ['b'] }), {}, ['spec.a.b: Required value']],
    ['enum', { type: 'string', enum: ['x', 'y'] }, 'z', ['spec.a: Unsupported value: "z": supported values: "x", "y"']],
    ['pattern', { type: 'string', pattern: '^a+$' }, 'b', ["spec.a: Invalid value: \"b\": spec.a in body should match '^a+$'"]],
    ['minLength', { type: 'string', minLength: 2 }, 'b', ['spec.a: Invalid value: "b": spec.a in body should be at least 2 chars long']],
    ['maxLength', { type: 'string', maxLength: 2 }, 'bcd', ['spec.a: Too long: may not be more than 2 bytes']],
    ['minimum', { type: 'integer', minimum: 1 }, 0, ['spec.a: Invalid value: 0: spec.a in body should be greater than or equal to 1']],
    ['exclusiveMaximum', { type: 'integer', maximum: 5, exclusiveMaximum: true }, 5, ['spec.a: Invalid value: 5: spec.a in body should be less than 5']],
    ['multipleOf', { type: 'number', multipleOf: 0.1 }, 0.25, ['spec.a: Invalid value: 0.25: spec.a in body should be a multiple of 0.1']],
    ['multipleOf that fits', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    ['int32', { type: 'integer', format: 'int32' }, 2 ** 31, ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a']],
    ['minItems', { type: 'array', items: { type: 'string' }, minItems: 1 }, [], ['spec.a: Invalid value: 0: spec.a in body should have at least 1 items']],
    ['maxItems', { type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a', 'b'], ['spec.a: Too many: 2: must have at most 1 item']],
    ['an item', { type: 'array', items: { type: 'string' } }, ['a', 1], ['spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type string: "integer"']],
    ['additionalProperties', { type: 'object', additionalProperties: { type: 'string' } }, { b: 1 }, ['spec.a.b: Invalid value: "integer": spec.a.b in body must be of type string: "integer"']],
    ['maxProperties', { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 1 }, { b: '', c: '' }, ['spec.a: Too many: 2: must have at most 1 item']],
    ['a date-time', { type: 'string', format: 'date-time' }, 'soon', ['spec.a: Invalid value: "soon": spec.a in body must be of type date-time: "soon"']],
    ['a good date-time', { type: 'string', format: 'date-time' }, '2026-02-28T10:00:00.5Z', []],
    ['a day that is not', { type: 'string', format: 'date' }, '2026-02-30', ['spec.a: Invalid value: "2026-02-30": spec.a in body must be of type date: "2026-02-30"']],
    ['an unknown format', { type: 'string', format: 'colour' }, 'x', []],
    ['anyOf', { type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 2 }] }, 5, ['<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)', 'spec.a: Invalid value: 5: spec.a in body should be greater than or equal to 10']],
    ['oneOf, two of them', { type: 'integer', oneOf: [{ minimum: 1 }, { maximum: 9 }] }, 5, ['<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['oneOf, none of them', object({ b: { type: 'string' }, c: { type: 'string' } }, { oneOf: [{ required: ['b'] }, { required: ['c'] }] }), {}, ['<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid', 'spec.a.b: Required value']],
    ['allOf', { type: 'integer', allOf: [{ minimum: 1 }, { maximum: 3 }] }, 5, ['spec.a: Invalid value: 5: spec.a in body should be less than or equal to 3', '<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf)']],
    ['not', { type: 'integer', not: { minimum: 1 } }, 5, ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)']],
  ])('%s', (_, schema, value, messages) => expect(faults(schema, value).sort()).toEqual([...messages].sort()));

  it('lets a fault pass that was there before, and no other', () => {
    const schema = object({ b: { type: 'string', maxLength: 1 }, c: { type: 'string', maxLength: 1 } });
    expect(faults(schema, { b: 'long', c: 'x' }, { b: 'long', c: 'y' })).toEqual([]);
    expect(faults(schema, { b: 'longer', c: 'x' }, { b: 'long', c: 'x' })).toEqual(['spec.a.b: Too long: may not be more than 1 byte']);
    const list: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: object({ name: { type: 'string' }, size: { type: 'integer', maximum: 1 } }) };
    expect(faults(list, [{ name: 'new', size: 1 }, { name: 'old', size: 5 }], [{ name: 'old', size: 5 }])).toEqual([]);
    expect(faults({ ...list, 'x-kubernetes-list-type': 'atomic' }, [{ name: 'new' }, { name: 'old', size: 5 }], [{ name: 'old', size: 5 }])).toHaveLength(1);
  });
});

describe('pruneObject', () => {
  const schema = object({
    spec: object({ known: { type: 'string' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { strict: object({ a: { type: 'string' } }) } }, list: { type: 'array', items: object({ a: { type: 'string' } }) }, map: { type: 'object', additionalProperties: object({ a: { type: 'string' } }) }, embedded: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: object({}) } } }),
  });
  it('drops and names what the schema does not have', () => {
    const dropped: string[] = [];
    const pruned = pruneObject({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, extra: 1, spec: { known: 'a', foo: 1, free: { any: { thing: 1 }, strict: { a: '', b: '' } }, list: [{ a: '', b: '' }], map: { k: { a: '', b: 1 } }, embedded: { apiVersion: 'v1', kind: 'Y', metadata: { z: 1 }, data: {}, spec: { x: 1 } } } }, schema, dropped);
    expect(pruned).toEqual({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, spec: { known: 'a', free: { any: { thing: 1 }, strict: { a: '' } }, list: [{ a: '' }], map: { k: { a: '' } }, embedded: { apiVersion: 'v1', kind: 'Y', metadata: { z: 1 }, spec: {} } } });
    expect(dropped).toEqual(['extra', 'spec.foo', 'spec.free.strict.b', 'spec.list[0].b', 'spec.map.k.b', 'spec.embedded.data', 'spec.embedded.spec.x']);
  });
  it('gives the same object where there is nothing to drop', () => {
    const whole = { apiVersion: 'v1', kind: 'X', metadata: {}, spec: { known: 'a', list: [{ a: '' }] } };
    expect(pruneObject(whole, schema)).toBe(whole);
    // Items of a list that keeps what is unknown keep it, too; what they name is pruned.
    const keeping = object({ list: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: object({ a: object({}) }) }, none: { type: 'object', additionalProperties: false } });
    expect(pruneObject({ list: [{ a: { x: 1 }, b: 1 }, [{ c: 1 }]], none: { a: 1, c: { b: 1 } } }, keeping)).toEqual({ list: [{ a: {}, b: 1 }, [{ c: 1 }]], none: { a: 1, c: {} } });
  });
});

describe('applyDefaults', () => {
  const schema = object({ spec: object({ a: { type: 'string', default: 'x' }, n: { type: 'string', nullable: true }, m: { type: 'string' }, o: object({ p: { type: 'integer', default: 1 } }), q: object({ r: { type: 'integer', default: 2 } }, { default: {} }), list: { type: 'array', items: object({ s: { type: 'string', default: 's' } }) } }) });
  it('fills what is missing, at the depth that is there', () => {
    expect(applyDefaults({ spec: { o: {}, list: [{}, { s: 't' }] } }, schema)).toEqual({ spec: { a: 'x', o: { p: 1 }, q: { r: 2 }, list: [{ s: 's' }, { s: 't' }] } });
    expect(applyDefaults({}, schema)).toEqual({});
  });
  it('keeps a null only where it is allowed', () => {
    expect(applyDefaults({ spec: { a: null, n: null, m: null, q: {} } }, schema)).toEqual({ spec: { a: 'x', n: null, q: { r: 2 } } });
  });
  it('gives the same object where nothing is missing, and never changes its argument', () => {
    const whole = { spec: { a: 'y', q: { r: 3 } } };
    expect(applyDefaults(whole, schema)).toBe(whole);
    const bare = Object.freeze({ spec: Object.freeze({}) });
    expect(applyDefaults(bare, schema)).not.toBe(bare);
  });
});

it('lists that are sets and maps hold nothing twice', () => {
  const schema = object({ set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, map: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port', 'protocol'], items: object({ port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } }) } });
  expect(texts(validateListTypes({ set: ['a', 'b', 'a'], map: [{ port: 1, protocol: 'TCP' }, { port: 1, protocol: 'UDP' }, { protocol: 'TCP', port: 1 }] }, schema))).toEqual(['set[2]: Duplicate value: "a"', 'map[2]: Duplicate value: {"port":1,"protocol":"TCP"}']);
  // Once, however often it is there; and something else than nothing.
  expect(texts(validateListTypes({ set: [1, 1, 1, null, null, {}, {}], map: [null, {}, { port: null }, { protocol: 'x' }] }, schema))).toEqual(['set[1]: Duplicate value: 1', 'set[4]: Duplicate value: null', 'set[6]: Duplicate value: {}', 'map[1]: Duplicate value: {}']);
  expect(texts(validateListTypes({ map: [{ port: 1 }, 'x', { port: 1 }] }, schema))).toEqual(['map[1]: Invalid value: "x": must be an object for an array of list-type map']);
});

it('embedded resources have a type', () => {
  const schema = object({ template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } });
  expect(texts(validateEmbedded({ template: { kind: 'a b' } }, schema))[0]).toBe('template.apiVersion: Required value');
  const wrong = { apiVersion: 'a/b/c', kind: 'foo.bar-com', metadata: { name: '..', namespace: '$$$', labels: { '#': '#' }, annotations: { '#': '#' } } };
  expect(validateEmbedded({ template: wrong }, schema).map(({ field }) => field)).toEqual(['apiVersion', 'kind', 'metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.labels', 'metadata.annotations'].map((name) => `template.${name}`));
  expect(validateEmbedded({ template: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'kube-system' } } }, schema)).toEqual([]);
  const map = object({ of: { type: 'object', additionalProperties: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} } } });
  expect(texts(validateEmbedded({ of: { a: { kind: 1 } } }, map))).toEqual(['of[a].apiVersion: Required value', 'of[a].kind: Invalid value: 1: must be a string']);
  expect(validateEmbedded({ template: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } } }, schema)).toEqual([]);
});

it.each([['an object', {}], ['what is not to match', { not: {} }]] as const)('does not try a pattern on %s for longer than a request may take', (_, { not }: { readonly not?: object }) => {
  const pattern: JsonSchema = { pattern: '(a|b)*a(a|b){900}$' };
  const schema: JsonSchema = { type: 'array', items: { type: 'string', ...(not ? { not: pattern } : pattern) } };
  const text = Array.from({ length: 100_000 }, (__, n) => ((n * 7919) % 13 < 6 ? 'a' : 'b')).join('');
  const found = validateValue([text, text], schema, undefined, 'spec');
  expect(found).toHaveLength(1);
  expect(found[0]!.message).toContain("should match '(a|b)*a(a|b){900}$': matching the pattern takes too long");
});

describe('validateSchema', () => {
  const check = (schema: JsonSchema, hasStatus = false): string[] => texts(validateSchema(schema, hasStatus, 'spec.validation.openAPIV3Schema')).map((text) => text.replace('spec.validation.openAPIV3Schema', '~'));
  it.each<[string, JsonSchema, string[]]>([
    ['a plain one', spec({ type: 'string' }), []],
    ['no type at the root', {}, ['~.type: Required value: must not be empty at the root']],
    ['an array without items', spec({ type: 'array' }), ['~.properties[spec].properties[a].items: Required value: must be specified']],
    ['a type under a junctor', spec({ type: 'integer', anyOf: [{ type: 'integer' }] }), ['~.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural']],
    ['the int-or-string pattern', spec({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }), []],
    ['a field that only a junctor has', object({}, { oneOf: [{ properties: { b: { minimum: 1 } } }] }), ['~.properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.oneOf[0].properties[b]']],
    ['such a field below the root', spec(object({}, { oneOf: [{ properties: { b: { minimum: 1 } } }] })), []],
    ['what cannot be said at all, told once', object({ a: { $ref: '#/x' }, b: { id: 'x', type: 'text' }, c: { definitions: { d: { uniqueItems: true } } } }), [
      '~.properties[a].$ref: Forbidden: $ref is not supported',
      '~.properties[b].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
      '~.properties[b].id: Forbidden: id is not supported',
      '~.properties[c].definitions: Forbidden: definitions is not supported',
      '~.properties[c].definitions[d].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ]],
    ['a meta schema', spec({ $schema: 'http://json-schema.org/schema#' }), [`~: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`]],
    ['unknown fields that are not kept', spec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }), ['~.properties[spec].properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined']],
    ['items one by one', spec({ type: 'array', items: [{ type: 'text' }] }), ['~.properties[spec].properties[a].items: Forbidden: items must be a schema object and not an array', '~.properties[spec].properties[a].items[0].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"']],
    ['a root without other properties', object({}, { additionalProperties: false }), ['~.additionalProperties: Forbidden: must not be used at the root']],
    ['words about metadata', object({ metadata: { type: 'object', description: 'of it' } }), ['~.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified']],
    ['metadata by default', object({ metadata: object({ name: { type: 'string', default: '..' } }), embedded: { ...object({ metadata: object({ name: { type: 'string', default: '..' }, labels: { type: 'object', additionalProperties: { type: 'string' }, default: { '#': 'x' } } }), kind: { type: 'string', default: 'a b' } }), 'x-kubernetes-embedded-resource': true } }), [
      `~.properties[metadata].properties[name].default: Invalid value: "..": must result in valid metadata: metadata.name: Invalid value: "..": may not be '..'`,
      `~.properties[embedded].properties[metadata].properties[name].default: Invalid value: "..": must result in valid metadata: metadata.name: Invalid value: "..": may not be '..'`,
      expect.stringContaining('~.properties[embedded].properties[metadata].properties[labels].default: Invalid value: {"#":"x"}: must result in valid metadata: metadata.labels: Invalid value: "#": name part must consist of'),
      expect.stringContaining('~.properties[embedded].properties[kind].default: Invalid value: "a b": must result in valid metadata: kind: Invalid value: "a b": may have mixed case'),
      '~.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
    ]],
    ['metadata of a wrong type by default', object({ embedded: { ...object({ metadata: { type: 'object' } }), 'x-kubernetes-embedded-resource': true, default: { apiVersion: 'v1', kind: 'A', metadata: { annotations: 1 } } } }), [
      '~.properties[embedded].default.metadata: Invalid value: {"annotations":1}: json: cannot unmarshal number into Go struct field ObjectMeta.annotations of type map[string]string',
    ]],
    ['a resource without its type by default', object({ list: { type: 'array', items: { ...object({ spec: object({}) }), 'x-kubernetes-embedded-resource': true }, default: [{}] } }), ['~.properties[list].default[0].apiVersion: Required value', '~.properties[list].default[0].kind: Required value']],
    ['metadata', object({ metadata: object({ labels: object({}) }) }), ['~.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified']],
    ['the name', object({ metadata: object({ name: { type: 'string', maxLength: 10 } }) }), []],
    ['uniqueItems', spec({ type: 'array', uniqueItems: true, items: { type: 'string' } }), ['~.properties[spec].properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic']],
    ['both kinds of properties', spec(object({ b: { type: 'string' } }, { additionalProperties: { type: 'string' } })), ['~.properties[spec].properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive']],
    ['a default of a wrong type', spec({ type: 'string', default: 5 }), ['~.properties[spec].properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"']],
    ['a default with a part of a wrong type', spec(object({ b: { type: 'string' } }, { default: { b: 5 } })), ['~.properties[spec].properties[a].default.b: Invalid value: "integer": b in body must be of type string: "integer"']],
    ['a default with unknown fields', spec(object({ b: { type: 'string' } }, { default: { c: 1 } })), ['~.properties[spec].properties[a].default: Invalid value: {"c":1}: must not have unknown fields']],
    ['a bad pattern', spec({ type: 'string', pattern: '(' }), [expect.stringContaining("must be a valid regular expression, but isn't")]],
    ['a map list without keys', spec({ type: 'array', 'x-kubernetes-list-type': 'map', items: object({}) }), ['~.properties[spec].properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map']],
    ['a map list whose key may lack', spec({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: object({ k: { type: 'string' } }) }), ['~.properties[spec].properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property']],
    ['a set of objects', spec({ type: 'array', 'x-kubernetes-list-type': 'set', items: object({}) }), ['~.properties[spec].properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set']],
    ['a rule without words', spec({ type: 'string', 'x-kubernetes-validations': [{ rule: ' ' }] }), ['~.properties[spec].properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified']],
  ])('%s', (_, schema, messages) => expect(check(schema)).toEqual(messages));
  it('allows little at the root beside a status subresource', () => {
    expect(check(object({}, { anyOf: [{}] }), true)[0]).toContain('fields are allowed at the root of the schema if the status subresource is enabled');
    expect(check(object({}, { required: ['spec'] }), true)).toEqual([]);
    expect(check({ type: 'text' }, true)[0]).toBe('~.type: Invalid value: "text": only "object" is allowed as the type at the root of the schema if the status subresource is enabled');
    const shown = check(object({ b: { type: 'string' } }, { enum: [{}] }), true)[0];
    expect(shown).toMatch(/^~: Invalid value: \{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object",.*"Enum":\[\{\}\],.*"Properties":\{"b":\{"ID":"",.*\}: only \[Description Type .* XValidations\] fields are allowed/);
  });
});
