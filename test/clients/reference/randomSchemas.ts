import type { seededRandom } from '../../../api/schema/seededRandom.ts';

type Json = Record<string, unknown>;

const NAMES = ['a', 'b', 'c', 'spec', 'status', 'metadata', 'x-y'];
const TYPES = ['object', 'object', 'object', 'array', 'array', 'string', 'integer', 'number', 'boolean'];
const RULES = ['self == oldSelf', 'true', 'self.a == 1', 'has(self.a)', 'size(self) > 0', 'self.all(x, x.all(y, y == x))', 'self', '1 +', '', 'self.b.size() < 3', "self.matches('[')", 'self > 0'];
const DEFAULTS = [{}, { a: 1 }, { a: 'x' }, [], ['a', 'a'], 'x', '', 1, 2.5, true, null, { metadata: { name: 'n' } }];
const FORMATS = ['int32', 'int64', 'date-time', 'byte', 'email', 'odd'];

/** Schemas of custom kinds, most of them valid and some a little faulty. */
export class RandomSchemas {
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(random: ReturnType<typeof seededRandom>) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  /** `faults` is how likely a fault is at each place. */
  root(faults: number): Json {
    return { ...this.#node(3, faults, 'object'), type: this.chance(faults) ? this.pick(['array', 'string']) : 'object' };
  }

  #node(depth: number, faults: number, type = this.pick(TYPES)): Json {
    const schema: Json = this.chance(faults) ? {} : { type };
    if (this.chance(0.05) && type !== 'object' && type !== 'array') return { 'x-kubernetes-int-or-string': true, ...(this.chance(faults * 3) ? { type } : {}) };
    if (type === 'object') this.#object(schema, depth, faults);
    else if (type === 'array') this.#array(schema, depth, faults);
    else this.#scalar(schema, type);
    this.#common(schema, depth, faults);
    return schema;
  }

  #object(schema: Json, depth: number, faults: number): void {
    if (this.chance(0.15)) schema['x-kubernetes-preserve-unknown-fields'] = !this.chance(faults);
    if (depth <= 0) return;
    if (this.chance(0.2)) schema['additionalProperties'] = this.chance(0.2) ? this.chance(0.5) : this.#node(depth - 1, faults);
    if (!('additionalProperties' in schema) || this.chance(faults)) schema['properties'] = Object.fromEntries(NAMES.filter(() => this.chance(0.35)).map((name) => [name, name === 'metadata' ? this.#metadata(faults) : this.#node(depth - 1, faults)]));
    if (this.chance(0.1)) schema['required'] = [this.pick(NAMES)];
    if (this.chance(0.05)) schema['x-kubernetes-embedded-resource'] = true;
    if (this.chance(0.05)) schema['x-kubernetes-map-type'] = this.pick(['granular', 'atomic', ...(this.chance(faults * 5) ? ['odd'] : [])]);
    if (this.chance(0.06)) schema[this.pick(['minProperties', 'maxProperties'])] = this.pick([0, 1, 5, ...(this.chance(faults * 5) ? [-1] : [])]);
  }

  #metadata(faults: number): Json {
    return this.chance(faults * 2) ? this.#node(1, faults) : { type: 'object', ...(this.chance(0.3) ? { properties: { name: { type: 'string', pattern: '^a' } } } : {}) };
  }

  #array(schema: Json, depth: number, faults: number): void {
    if (!this.chance(faults)) schema['items'] = this.#node(depth - 1, faults, depth > 1 ? undefined : this.pick(['string', 'integer', 'object']));
    if (this.chance(0.3)) schema['maxItems'] = this.pick([1, 10, 1_000_000]);
    if (this.chance(0.1)) schema['minItems'] = this.pick([0, 1, 20]);
    if (this.chance(0.3)) schema['x-kubernetes-list-type'] = this.pick(['atomic', 'set', 'map', ...(this.chance(faults * 5) ? ['odd'] : [])]);
    if (schema['x-kubernetes-list-type'] === 'map' ? !this.chance(faults) : this.chance(faults)) schema['x-kubernetes-list-map-keys'] = ['a', ...(this.chance(0.3) ? [this.pick(['a', 'b'])] : [])];
    if (this.chance(faults)) schema['uniqueItems'] = true;
  }

  #scalar(schema: Json, type: string): void {
    if (type === 'string') {
      if (this.chance(0.2)) schema['pattern'] = this.pick(['^a', '[', '(?=a)', 'b*']);
      if (this.chance(0.4)) schema['maxLength'] = this.pick([1, 64, 100_000]);
      if (this.chance(0.1)) schema['minLength'] = this.pick([0, 3]);
    } else if (type !== 'boolean') {
      if (this.chance(0.2)) schema['minimum'] = this.pick([0, -1, 1.5, 10]);
      if (this.chance(0.2)) schema['maximum'] = this.pick([0, 5, 1e10]);
      if (this.chance(0.1)) schema['multipleOf'] = this.pick([2, 0.5]);
      if (this.chance(0.05)) schema['exclusiveMinimum'] = true;
    }
    if (this.chance(0.1)) schema['enum'] = [this.pick(['a', 1, true, 2.5, null]), this.pick(['b', 2])];
  }

  #common(schema: Json, depth: number, faults: number): void {
    if (this.chance(0.1)) schema['description'] = this.pick(['', 'What it is', '<b> & "c"']);
    if (this.chance(0.05)) schema['title'] = 'T';
    if (this.chance(0.07)) schema['nullable'] = true;
    if (this.chance(0.05)) schema['example'] = this.pick(DEFAULTS);
    if (this.chance(0.03)) schema['externalDocs'] = { url: 'https://example.com', description: 'more' };
    // A default of the wrong type that has a format which nobody knows is told of in another way, which only Kubernetes' defaults are.
    if (this.chance(0.06)) schema['default'] = this.pick(DEFAULTS);
    else if (this.chance(0.1)) schema['format'] = this.pick(FORMATS);
    if (this.chance(0.08)) schema['x-kubernetes-validations'] = [this.#rule(faults)];
    if (this.chance(faults)) schema[this.pick(['$ref', 'id', '$schema', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'deprecated'])] = this.pick(['x', true, { a: { type: 'string' } }]);
    if (this.chance(0.06) && depth > 0) schema[this.pick(['allOf', 'anyOf', 'oneOf'])] = [this.#part(faults), this.#part(faults)];
    if (this.chance(0.03)) schema['not'] = this.#part(faults);
  }

  /** What may stand within a junctor: no types, nor what changes values. */
  #part(faults: number): Json {
    if (this.chance(faults * 2)) return this.#node(1, faults);
    return this.pick<Json>([{ required: ['a'] }, { properties: { a: { minimum: 1 } } }, { properties: { b: {} } }, { maxLength: 3 }, { items: { pattern: 'a' } }, {}]);
  }

  #rule(faults: number): Json {
    return {
      rule: this.pick(RULES),
      ...(this.chance(0.4) ? { message: this.pick(['no', '', 'a\nb', 'x'.repeat(2_049)]) } : {}),
      ...(this.chance(0.2) ? { messageExpression: this.pick(["'x' + string(1)", '1', "'", "' '"]) } : {}),
      ...(this.chance(0.2) ? { reason: this.pick(['FieldValueInvalid', 'FieldValueRequired', ...(this.chance(faults * 5) ? ['Odd'] : [])]) } : {}),
      ...(this.chance(0.2) ? { fieldPath: this.pick(['.a', '.b', 'a', '.spec.a', "['x-y']", '.']) } : {}),
      ...(this.chance(0.1) ? { optionalOldSelf: this.chance(0.5) } : {}),
    };
  }
}
