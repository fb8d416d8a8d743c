import type { SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';

type Json = Record<string, unknown>;

const STRANGE: readonly unknown[] = [null, true, 0, -1, 1.5, 1e21, 2 ** 53, '', 'x', 'é\u0000', '__proto__', 'constructor', '1Gi', '2026-01-01T00:00:00Z', [], {}, [null], [[]], { a: {} }];
const KEYS: readonly string[] = ['a', 'constructor', '__proto__', 'toString', 'name', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', 'a/b', '~', ''];

/** Inputs for property tests: the same for the same seed. */
export class RandomInput {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** A short text of these letters. */
  word(letters: string, longest = 24): string {
    return Array.from({ length: this.below(longest) }, () => letters[this.below(letters.length)]).join('');
  }

  bytes(longest: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(longest) }, () => this.below(256)));
  }

  /** Any JSON value. */
  value(depth: number): unknown {
    if (depth <= 0 || this.chance(0.5)) return this.pick(STRANGE);
    if (this.chance(0.3)) return Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    return Object.fromEntries(Array.from({ length: this.below(4) }, () => [this.pick(KEYS), this.value(depth - 1)]));
  }

  /** An object that mostly fits a model. */
  object(schema: Schema, model: string, depth = 5): Json {
    const entries: [string, unknown][] = [];
    for (const [key, { type }] of Object.entries(schema.model(model).properties)) {
      if (key === 'apiVersion' || key === 'kind' || !this.chance(depth > 3 ? 0.7 : 0.3)) continue;
      entries.push([key, this.#fitting(schema, type, depth - 1)]);
    }
    if (this.chance(0.05)) entries.push([this.pick(KEYS), this.value(2)]);
    return Object.fromEntries(entries);
  }

  #fitting(schema: Schema, type: SchemaType, depth: number): unknown {
    if (this.chance(0.01)) return this.value(2);
    switch (type.kind) {
      case 'model':
        return depth <= 0 ? {} : this.object(schema, type.model, depth);
      case 'list':
        return depth <= 0 ? [] : Array.from({ length: this.below(3) }, () => this.#fitting(schema, type.items, depth - 1));
      case 'map':
        return Object.fromEntries(Array.from({ length: this.below(3) }, () => [this.pick(['a', 'b/c', 'constructor', 'cpu']), this.#fitting(schema, type.values, depth - 1)]));
      case 'boolean':
        return this.chance(0.5);
      case 'integer':
        return this.pick([0, 1, -1, 7, 80, 65_536, 2 ** 31 - 1]);
      case 'number':
        return this.pick([0, 1.5, -2]);
      case 'quantity':
        return this.pick(['1', '100m', '1Gi', '-1', 5, '1e3']);
      case 'intOrString':
        return this.pick([1, '50%', 'http', -3]);
      case 'time':
        return '2026-01-01T00:00:00Z';
      case 'microTime':
        return '2026-01-01T00:00:00.000001Z';
      case 'bytes':
        return this.pick(['', 'YQ==', 'AAECAw==']);
      case 'any':
        return this.value(2);
      default:
        return this.pick(['', 'a', 'web', 'Always', 'TCP', 'ClusterIP', '10.0.0.1', '*/5 * * * *', 'In', 'a b', 'constructor', '__proto__', '1h', 'NodePort', 'kubernetes.io/tls', 'x'.repeat(70)]);
    }
  }

  /** A JSON text, now and then with bytes changed, lost or doubled. */
  mangled(text: string): Buffer {
    const bytes = Buffer.from(text);
    if (bytes.length === 0 || this.chance(0.7)) return bytes;
    const at = this.below(bytes.length);
    const kind = this.below(3);
    if (kind === 0) bytes[at] = this.below(256);
    return kind === 0 ? bytes : kind === 1 ? bytes.subarray(0, at) : Buffer.concat([bytes.subarray(0, at), bytes.subarray(this.below(at + 1))]);
  }

  yaml(): string {
    const line = (): string => `${' '.repeat(this.below(4) * 2)}${this.pick(['a: ', '- ', '? ', '&x ', '*x ', '<<: ', '!!int ', '"', "'", '|', '>', '[', '{', ']', '}', '#', '---', '...', '%YAML 1.1', '1_000', '0o7', '0x1F', '.inf', '~', '\t', 'é'])}${this.word('ab:-{}[]&*!|>\'"%@`1 ', 8)}`;
    return Array.from({ length: this.below(12) }, line).join('\n');
  }

  /** Operations on paths that mostly exist. */
  operations(document: object): unknown[] {
    return Array.from({ length: this.below(6) }, () => ({
      op: this.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'melt']),
      path: this.#pointer(document),
      ...(this.chance(0.5) ? { from: this.#pointer(document) } : {}),
      ...(this.chance(0.7) ? { value: this.value(2) } : {}),
    }));
  }

  #pointer(document: object): string {
    let pointer = '';
    for (let value: unknown = document; typeof value === 'object' && value !== null && this.chance(0.8); ) {
      const key = this.chance(0.1) ? this.pick([...KEYS, '-', '-1', '0', '99999999999']) : this.pick(Object.keys(value).length > 0 ? Object.keys(value) : ['x']);
      pointer += `/${key}`;
      value = (value as Json)[key];
    }
    return pointer;
  }

  /** An object as a patch: fields removed, directives thrown in. */
  mergePatch(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.mergePatch(each));
    if (typeof value !== 'object' || value === null) return this.chance(0.1) ? null : value;
    const entries = Object.entries(value).map(([key, each]) => [key, this.mergePatch(each)]);
    if (this.chance(0.1)) entries.push(['$patch', this.pick(['delete', 'replace', 'merge', 'melt', 7])]);
    if (this.chance(0.05)) entries.push(['$retainKeys', this.pick([['name'], [], 7])]);
    if (this.chance(0.1) && entries.length > 0) entries.push([`$setElementOrder/${String(entries[0]?.[0])}`, this.pick([['a'], [{ name: 'a' }], 7, []])]);
    if (this.chance(0.1) && entries.length > 0) entries.push([`$deleteFromPrimitiveList/${String(entries[0]?.[0])}`, this.pick([['a'], [{}], 7])]);
    return Object.fromEntries(entries);
  }
}
