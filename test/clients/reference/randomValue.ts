import type { RandomInput } from '../../../api/schema/randomInput.ts';
import { NAMES, TEXTS } from './randomSchema.ts';

type Json = Record<string, unknown>;

/**
 * Numbers as they are written: `textOf` takes the marks away. Without what a double does not hold of 64 bits, which Gantry refuses, and without whole numbers that are written as
 * floating point ones, whose type Gantry forgets.
 */
const NUMBERS: readonly string[] = ['0', '1', '-0', '1.5', '1E-2', '9223372036854775808', '18446744073709551616', '2147483648', '0.1', '1e21', '123456789012345678901234567890', '3', '4', '10', '0.30000000000000004', '1e-7'];
const written = (number: string): string => `#${number}#`;

/** A value that mostly fits a schema. */
export function valueOf(random: RandomInput, schema: Json, depth = 5): unknown {
  if (random.chance(0.012)) return odd(random, 2);
  if (random.chance(0.02)) return null;
  if (Array.isArray(schema['enum']) && random.chance(0.8)) return random.pick<unknown>(schema['enum']);
  if (schema['x-kubernetes-int-or-string'] === true) return random.chance(0.5) ? random.pick(TEXTS) : written(random.pick(NUMBERS));
  if (schema['x-kubernetes-embedded-resource'] === true) return embedded(random, schema, depth);
  switch (schema['type']) {
    case 'boolean':
      return random.chance(0.5);
    case 'integer':
      return random.chance(0.7) ? random.pick([0, 1, 4, 6, 80]) : written(random.pick(NUMBERS));
    case 'number':
      return random.chance(0.5) ? random.pick([1, 2.5, 4, 6]) : written(random.pick(NUMBERS));
    case 'string':
      return random.chance(0.5) ? random.pick(['a', 'abc', '10.0.0.1', 'ab']) : random.pick(TEXTS);
    case 'array':
      return Array.from({ length: random.below(depth > 0 ? 4 : 1) }, () => valueOf(random, schema['items'] as Json, depth - 1));
    case 'object':
      return fieldsOf(random, schema, depth);
    default:
      return odd(random, 3);
  }
}

function fieldsOf(random: RandomInput, schema: Json, depth: number): Json {
  const { properties, additionalProperties } = schema as { properties?: Record<string, Json>; additionalProperties?: Json };
  const required = (schema['required'] ?? []) as string[];
  const entries: [string, unknown][] = Object.entries(properties ?? {})
    .filter(([name]) => random.chance(required.includes(name) ? 0.95 : 0.6))
    .map(([name, each]) => [name, valueOf(random, each, depth - 1)]);
  if (additionalProperties) for (let more = random.below(3); more > 0; more -= 1) entries.push([random.pick(NAMES), valueOf(random, additionalProperties, depth - 1)]);
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) entries.push([random.pick(NAMES), odd(random, 2)]);
  if (random.chance(0.04)) entries.push([random.pick(['unknown', 'Spec', 'metadata', 'apiVersion', ...NAMES]), odd(random, 2)]);
  if (random.chance(0.03) && entries.length > 0) entries.push([`dup!${entries[0]![0]}`, odd(random, 1)]);
  return Object.fromEntries(entries);
}

function embedded(random: RandomInput, schema: Json, depth: number): Json {
  const head: Json = random.chance(0.9) ? { apiVersion: random.pick(['v1', 'apps/v1', 'a/b/c', '']), kind: random.pick(['Pod', 'X', 'not a kind', '']), metadata: random.pick<unknown>([{ name: 'x' }, { name: 'Not', labels: { a: 'b' } }, {}, null, { name: 1 }, { labels: { 'a b': 'c' } }, { finalizers: ['x'], unknown: 1 }, { creationTimestamp: null }, 'x']) } : {};
  return { ...head, ...fieldsOf(random, schema, depth) };
}

/** Any JSON value. */
export function odd(random: RandomInput, depth: number): unknown {
  if (depth <= 0 || random.chance(0.6)) return random.pick<() => unknown>([() => written(random.pick(NUMBERS)), () => random.pick(TEXTS), () => null, () => random.chance(0.5), () => [], () => ({})])();
  if (random.chance(0.4)) return Array.from({ length: random.below(3) }, () => odd(random, depth - 1));
  return Object.fromEntries(Array.from({ length: random.below(3) }, () => [random.pick(NAMES), odd(random, depth - 1)]));
}

/** As JSON, with the numbers as they are to be written, and the names twice that are marked so. */
export const textOf = (value: unknown, mark = 'dup!'): string => JSON.stringify(value).replaceAll(/"#([-+.eE\d]+)#"/g, '$1').replaceAll(`"${mark}`, '"');
