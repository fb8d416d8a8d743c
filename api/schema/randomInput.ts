import type { SchemaType } from './model.ts';
import type { Schema } from './schema.ts';
import { seededRandom } from './seededRandom.ts';

type Json = Record<string, unknown>;

const STRANGE: readonly unknown[] = [null, true, 0, -1, 1.5, 1e21, 2 ** 53, '', 'x', 'é\u0000', '__proto__', 'constructor', '1Gi', '2026-01-01T00:00:00Z', [], {}, [null], [[]], { a: {} }];
const KEYS: readonly string[] = ['a', 'constructor', '__proto__', 'toString', 'name', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', 'a/b', '~', ''];

const MAP_KEYS: readonly string[] = ['a', 'b/c', 'cpu', 'memory', 'kubernetes.io/os', 'constructor', 'toString', '__proto__'];
/** What fields of some kind or other take, and what none does. */
const TEXTS: readonly string[] = [
  '', 'a', 'web', 'Always', 'Never', 'TCP', 'SCTP', 'ClusterIP', 'NodePort', 'ExternalName', 'In', 'Exists', 'Recreate', 'None', 'a b', '1h', '50%', '0', '-1', '65536', '8080-8090', 'x'.repeat(70), 'é\u0000', '\ud800', '😀',
  'constructor', '__proto__', 'toString', 'hasOwnProperty', '10.0.0.1', '010.0.0.1', '10.0.0.0/8', '10.0.0.1/33', '::1', 'fe80::1%eth0', '::ffff:10.0.0.1', '2001:db8::/32', '::/129', 'example.com', '*.example.com', 'a..b', 'kubernetes.io/tls', 'example.com/x',
  '*/5 * * * *', '@every 1h', '0 0 31 2 *', 'TZ=UTC 0 * * * *', 'Europe/Paris', 'Nowhere/None', '../etc/passwd', '/a/../b', 'a=b,c in (d)', '.spec.a', '{.spec.a[0]}', '$(A)', '(a+)+$', '[', '\\p{L}', '2026-01-01T00:00:00Z', '0000-00-00T00:00:00Z', '{"a":1}', 'https://a.example.com:1/x?y#z', 'http://[::1', 'YQ==',
  '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n', '1e1000', '1Gi', '9223372036854775808', 'sha256:abc', 'image@sha256:'.concat('a'.repeat(64)),
];

/** Inputs for property tests: the same for the same seed. */
export class RandomInput {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
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
      entries.push([key, this.fitting(schema, type, depth - 1)]);
    }
    if (this.chance(0.05)) entries.push([this.pick(KEYS), this.value(2)]);
    return Object.fromEntries(entries);
  }

  /** A value that mostly fits a type. */
  fitting(schema: Schema, type: SchemaType, depth: number): unknown {
    if (this.chance(0.01)) return this.value(2);
    switch (type.kind) {
      case 'model':
        return depth <= 0 ? {} : this.object(schema, type.model, depth);
      case 'list':
        return depth <= 0 ? [] : Array.from({ length: this.below(3) }, () => this.fitting(schema, type.items, depth - 1));
      case 'map':
        return Object.fromEntries(Array.from({ length: this.below(3) }, () => [this.pick(MAP_KEYS), this.fitting(schema, type.values, depth - 1)]));
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
        return this.pick(TEXTS);
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
