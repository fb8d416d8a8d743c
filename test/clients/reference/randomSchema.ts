import { RandomInput } from '../../../api/schema/randomInput.ts';

type Json = Record<string, unknown>;

export const NAMES: readonly string[] = ['a', 'b', 'size', 'some-name', 'constructor', 'with.dot', 'in', 'A', '__proto__', 'toString', 'Ä'];
const FORMATS: readonly string[] = ['date', 'date-time', 'duration', 'email', 'uuid', 'ipv4', 'ipv6', 'cidr', 'mac', 'byte', 'uri', 'hostname', 'bsonobjectid', 'isbn', 'creditcard', 'ssn', 'hexcolor', 'rgbcolor', 'password', 'unknown-format', 'uuid4', 'datetime', 'k8s-short-name', 'k8s-long-name'];
const PATTERNS: readonly string[] = ['^[a-z]+$', 'a', '^$', '^.{2,4}$', '\\d', '(?i)^A', '^\\p{L}+$'];
export const TEXTS: readonly string[] = ['', 'a', 'abc', 'ABC', '12', '😀😀', 'é', '\u0000', '\ud800', 'x'.repeat(300), '2026-01-01', '2026-01-01T00:00:00Z', '1h30m', 'a@example.com', '10.0.0.1', '::1', '10.0.0.0/8', 'YQ==', '#fff', 'https://example.com', '<&>\u2028', 'a"b\\c'];
const RULES: readonly ((name: string) => Json)[] = [
  () => ({ rule: 'self == self' }),
  () => ({ rule: 'self == oldSelf', message: 'may not change' }),
  () => ({ rule: 'oldSelf.hasValue() ? self == oldSelf.value() : true', optionalOldSelf: true, reason: 'FieldValueForbidden' }),
  () => ({ rule: 'false', messageExpression: '"it is " + string(type(self))', message: 'fallback', reason: 'FieldValueDuplicate' }),
  () => ({ rule: 'self != self', message: 'two\nlines'.replace('\n', ' '), reason: 'FieldValueRequired' }),
  () => ({ rule: 'size(string(self)) > 1', messageExpression: "'at ' + string(self)" }),
];

/** Seeded structural schemas of CustomResourceDefinitions, of every part that they can have. */
export class RandomSchema {
  readonly random: RandomInput;

  constructor(seed: number) {
    this.random = new RandomInput(seed);
  }

  /** The schema of a kind: with `spec` and `status`, and a `mark` that says of which turn the schema is. */
  kind(turn: number): Json {
    const own = Object.fromEntries([...this.#names()].map((name) => [name, this.schema(2)]));
    return {
      type: 'object',
      ...(this.random.chance(0.1) ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
      properties: {
        mark: { type: 'integer', enum: [turn] },
        spec: { ...this.object(3), properties: { replicas: { type: 'integer', format: 'int32' }, ...this.properties(3) } },
        status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, ...this.properties(2) } },
        ...own,
      },
    };
  }

  schema(depth: number): Json {
    const { random } = this;
    const made = depth <= 0 ? this.scalar() : random.chance(0.5) ? this.scalar() : random.pick([() => this.object(depth), () => this.map(depth), () => this.list(depth), () => this.list(depth), () => this.special(depth)])();
    const sound: Json = { ...made };
    if (random.chance(0.15)) sound['nullable'] = true;
    if (random.chance(0.15)) Object.assign(sound, this.#junctors(sound));
    if (random.chance(0.15) && sound['type'] !== undefined) sound['x-kubernetes-validations'] = [this.#rule(sound)];
    if (random.chance(0.1)) sound['description'] = 'said';
    return sound;
  }

  scalar(): Json {
    const { random } = this;
    switch (random.below(7)) {
      case 0:
        return { type: 'boolean', ...this.#default([true, false]) };
      case 1:
        return { type: 'integer', ...this.#some({ format: random.pick(['int32', 'int64']) }), ...this.#bounds(), ...this.#default([0, 4]) };
      case 2:
        return { type: 'number', ...this.#some({ format: random.pick(['float', 'double']) }), ...this.#bounds(), ...this.#default([1.5, 4]) };
      case 3:
        return { type: 'string', maxLength: 20, ...this.#some({ minLength: 1 }), ...this.#some({ pattern: random.pick(PATTERNS) }) };
      case 4:
        return { type: 'string', ...this.#some({ enum: ['a', 'abc', ''] }), ...this.#default(['a', 'abc']) };
      case 5:
        return { type: 'string', format: random.pick(FORMATS) };
      default:
        return { 'x-kubernetes-int-or-string': true, ...this.#some({ anyOf: [{ type: 'integer' }, { type: 'string' }] }), ...this.#default([1, '50%']) };
    }
  }

  object(depth: number): Json {
    const { random } = this;
    const properties = this.properties(depth);
    const names = Object.keys(properties);
    return {
      type: 'object',
      properties,
      ...(random.chance(0.3) && names.length > 0 ? { required: [random.pick(names)] } : {}),
      ...(random.chance(0.15) ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
      ...(random.chance(0.15) ? { default: {} } : {}),
      ...(random.chance(0.15) ? { 'x-kubernetes-map-type': random.pick(['atomic', 'granular']) } : {}),
      ...(random.chance(0.1) ? { maxProperties: 2 } : {}),
      ...(random.chance(0.1) ? { minProperties: 1 } : {}),
    };
  }

  properties(depth: number): Json {
    return Object.fromEntries([...this.#names()].map((name) => [name, this.schema(depth - 1)]));
  }

  map(depth: number): Json {
    return { type: 'object', additionalProperties: this.schema(depth - 1), maxProperties: 4, ...this.#some({ minProperties: 1 }), ...this.#default([{}]), ...this.#some({ 'x-kubernetes-map-type': 'atomic' }) };
  }

  list(depth: number): Json {
    const { random } = this;
    const bounds = { maxItems: 4, ...(random.chance(0.2) ? { minItems: 1 } : {}) };
    switch (random.below(4)) {
      case 0:
        return { type: 'array', items: this.scalar(), 'x-kubernetes-list-type': 'set', ...bounds };
      case 1:
        return {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name', ...(random.chance(0.4) ? ['port'] : [])],
          items: { type: 'object', required: ['name', 'port'], properties: { ...this.properties(depth - 1), name: { type: 'string', maxLength: 10 }, port: { type: 'integer', ...(random.chance(0.5) ? { default: 80 } : {}) } } },
          ...bounds,
        };
      case 2:
        return { type: 'array', items: this.schema(depth - 1), 'x-kubernetes-list-type': 'atomic', ...bounds };
      default:
        return { type: 'array', items: this.schema(depth - 1), ...bounds, ...this.#some({ uniqueItems: false }) };
    }
  }

  special(depth: number): Json {
    const { random } = this;
    if (random.chance(0.5)) return { 'x-kubernetes-preserve-unknown-fields': true, ...this.#some({ type: 'object' }) };
    return { type: 'object', 'x-kubernetes-embedded-resource': true, ...(random.chance(0.5) ? { 'x-kubernetes-preserve-unknown-fields': true } : { properties: this.properties(depth - 1) }) };
  }

  #names(): Set<string> {
    return new Set(Array.from({ length: 1 + this.random.below(4) }, () => this.random.pick(NAMES)));
  }

  #bounds(): Json {
    return { ...this.#some({ minimum: 1, ...this.#some({ exclusiveMinimum: true }) }), ...this.#some({ maximum: 10, ...this.#some({ exclusiveMaximum: true }) }), ...this.#some({ multipleOf: this.random.pick([2, 0.5, 3]) }) };
  }

  #some(part: Json): Json {
    return this.random.chance(0.25) ? part : {};
  }

  #default(values: readonly unknown[]): Json {
    return this.random.chance(0.2) ? { default: this.random.pick(values) } : {};
  }

  #junctors(of: Json): Json {
    const each = (): Json => {
      if (of['type'] === 'object' && of['properties'] !== undefined) return { required: [this.random.pick(Object.keys(of['properties'] as Json))] };
      if (of['type'] === 'integer' || of['type'] === 'number') return this.random.pick<Json>([{ minimum: 3 }, { maximum: 5 }, { multipleOf: 2 }, { enum: [1, 4] }]);
      if (of['type'] === 'string') return this.random.pick<Json>([{ minLength: 2 }, { pattern: '^a' }, { enum: ['abc', 'ABC'] }, { format: 'ipv4' }]);
      if (of['type'] === 'array') return this.random.pick<Json>([{ minItems: 2 }, { maxItems: 1 }]);
      return this.random.pick<Json>([{ enum: ['a', 1, true, null] }, { not: { enum: ['a'] } }]);
    };
    return this.random.pick<() => Json>([() => ({ allOf: [each(), each()] }), () => ({ anyOf: [each(), each()] }), () => ({ oneOf: [each(), each()] }), () => ({ not: each() })])();
  }

  #rule(of: Json): Json {
    if (of['type'] === 'string') return this.random.pick(RULES)('');
    if (of['type'] === 'array') return this.random.pick<Json>([{ rule: 'size(self) < 3' }, { rule: 'self.all(each, each == each)', message: 'all' }, { rule: 'size(self) >= size(oldSelf)', message: 'may not shrink' }]);
    const names = Object.keys((of['properties'] ?? {}) as Json).filter((name) => /^[a-z]+$/.test(name) && name !== 'in');
    if (names.length > 0) return this.random.pick<Json>([{ rule: `has(self.${names[0]!})`, fieldPath: `.${names[0]!}`, reason: 'FieldValueRequired' }, { rule: `!has(self.${names[0]!}) || has(oldSelf.${names[0]!})` }, { rule: `has(self.${names[0]!})`, messageExpression: `'no ' + '${names[0]!}'` }]);
    return this.random.pick(RULES.slice(0, 5))('');
  }
}
