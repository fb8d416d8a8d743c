import type { PropertySchema, SchemaType } from '../../../api/schema/model.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import type { seededRandom } from '../../../api/schema/seededRandom.ts';

type Fields = Record<string, unknown>;

/** Of few words and numbers, so that two objects have much in common. */
const WORDS = ['a', 'b', 'c', ''];
const NUMBERS = [0, 1, 2, 3];
const KEY = /^(name|port|containerPort|mountPath|key|type|ip|uid|devicePath|topologyKey|protocol)$/;
const LIKELY = new Set(['spec', 'template', 'containers', 'ports', 'metadata', 'status']);
const DIRECTIVES = ['delete', 'replace', 'merge', 'odd'];
const DEPTH = 7;
/** What is no place for random values. */
const LEFT_OUT = new Set(['managedFields', 'fieldsV1']);

/** Objects that fit their models, and strategic merge patches of such ones. */
export class RandomFields {
  readonly #schema: Schema;
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(schema: Schema, random: ReturnType<typeof seededRandom>) {
    this.#schema = schema;
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  object(model: string, depth = DEPTH): Fields {
    if (depth <= 0) return {};
    const chosen = Object.entries(this.#schema.model(model).properties).filter(([name]) => !LEFT_OUT.has(name) && this.chance(KEY.test(name) ? 0.9 : LIKELY.has(name) ? 0.8 : 0.16));
    return Object.fromEntries(chosen.map(([name, property]) => [name, this.#value(property.type, property, depth)]));
  }

  /** An object with nulls and directives in it. */
  patch(model: string, depth = DEPTH): Fields {
    const fields = this.object(model, depth);
    const { properties } = this.#schema.model(model);
    for (const [name, value] of Object.entries(fields)) {
      const { type, patchMergeKey = 'name' } = properties[name]!;
      if (this.chance(0.05)) fields[name] = null;
      else if (type.kind === 'model') fields[name] = this.patch(type.model, depth - 1);
      else if (type.kind === 'list' && type.items.kind === 'model') {
        const { model: items } = type.items;
        fields[name] = (value as unknown[]).map((each) => ({ ...(this.chance(0.5) ? (each as Fields) : this.patch(items, depth - 1)), ...(this.chance(0.15) ? { $patch: this.pick(DIRECTIVES) } : {}) }));
        if (this.chance(0.1)) fields[`$setElementOrder/${name}`] = this.#order((value as Fields[]).map((item) => item[patchMergeKey])).map((key) => ({ [patchMergeKey]: key }));
      } else if (type.kind === 'list') {
        if (this.chance(0.1)) fields[`$setElementOrder/${name}`] = this.#order(value as unknown[]);
        // What comes of both in one patch hangs on the order of Go's maps, which is another one each time.
        if (this.chance(0.1)) {
          fields[`$deleteFromPrimitiveList/${name}`] = this.#some();
          delete fields[name];
        }
      }
    }
    if (this.chance(0.06)) fields['$patch'] = this.pick(DIRECTIVES);
    if (this.chance(0.06)) fields['$retainKeys'] = Object.keys(fields).filter((name) => !name.startsWith('$'));
    return fields;
  }

  /** The object with some of it gone and some changed, and now and then something of another one. */
  mutated(object: Fields, other: Fields): Fields {
    const kept = this.#thinned(object) as Fields;
    return { ...Object.fromEntries(Object.entries(other).filter(([name]) => kept[name] === undefined && this.chance(0.5))), ...kept };
  }

  #thinned(value: unknown): unknown {
    if (Array.isArray(value)) return value.filter(() => this.chance(0.85)).map((each) => this.#thinned(each));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).filter(() => this.chance(0.88)).map(([name, each]) => [name, this.#thinned(each)]));
    return typeof value === 'string' && WORDS.includes(value) && this.chance(0.1) ? this.pick(WORDS) : value;
  }

  /** An order that lacked what the patch has would be no client's. */
  #order(items: readonly unknown[]): unknown[] {
    return [...new Set([...items, ...this.#some()])].filter((item) => item !== undefined);
  }

  #some(): string[] {
    return WORDS.slice(0, 3).filter(() => this.chance(0.6));
  }

  #value(type: SchemaType, property: Partial<PropertySchema>, depth: number): unknown {
    switch (type.kind) {
      case 'model':
        return this.object(type.model, depth - 1);
      case 'list': {
        const items = Array.from({ length: Math.floor(this.#random() * 4) }, () => this.#value(type.items, {}, depth));
        return this.chance(0.03) ? items : this.#distinct(items, property);
      }
      case 'map':
        return Object.fromEntries(this.#some().map((name) => [name, this.#value(type.values, {}, depth)]));
      case 'boolean':
        return this.chance(0.5);
      case 'integer':
      case 'number':
        return this.pick(NUMBERS);
      case 'quantity':
        return this.pick(['1', '2']);
      case 'intOrString':
        return this.pick([1, 'a']);
      case 'bytes':
        return 'YQ==';
      case 'time':
        return '2026-01-01T00:00:00Z';
      case 'microTime':
        return '2026-01-01T00:00:00.000000Z';
      case 'any':
        return { a: this.pick([1, 'x']) };
      default:
        return this.pick(WORDS);
    }
  }

  /** What sets and maps hold once. */
  #distinct(items: readonly unknown[], { listType, listMapKeys = [] }: Partial<PropertySchema>): unknown[] {
    if (listType !== 'set' && listType !== 'map') return [...items];
    const keyOf = (item: unknown): string => JSON.stringify(listType === 'set' ? item : listMapKeys.map((name) => (item as Fields)[name]));
    return [...new Map(items.map((item) => [keyOf(item), item])).values()];
  }
}
