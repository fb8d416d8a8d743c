import { DYN, INT, listOf, STRING } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson } from './fromJson.ts';

/** Mulberry32: the same expressions in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const environment = { variables: { any: DYN, n: INT, s: STRING, list: listOf(DYN) } };
const bindings = { any: fromAnyJson({ a: [1, 'b', null, 2.5, { c: true }], s: '' }), n: 3, s: 'tëxt', list: fromAnyJson([1, 'x', [], {}, null, 9007199254740991]) };

const LEAVES = ['1', '0', '-1', '2u', '1.5', '"a"', '""', 'b"x"', 'true', 'false', 'null', 'any', 'n', 's', 'list', 'any.a', '[]', '{}', '9223372036854775807', 'x', 'int', 'optional.none()'];
const BINARY = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in'];
const CALLS = ['size', 'int', 'uint', 'double', 'string', 'bytes', 'bool', 'type', 'dyn', 'duration', 'timestamp', 'quantity', 'url', 'ip', 'cidr', 'semver', 'isURL', 'optional.of', 'optional.ofNonZeroValue', 'strings.quote', 'format.named'];
const METHODS = ['size()', 'sum()', 'min()', 'isSorted()', 'indexOf(E)', 'contains(E)', 'matches(E)', 'find(E)', 'findAll(E)', 'replace(E, E)', 'split(E)', 'join(E)', 'substring(E)', 'charAt(E)', 'trim()', 'format([E, E])', 'orValue(E)', 'or(E)', 'hasValue()', 'value()', 'all(x, E)', 'exists(x, E)', 'exists_one(x, E)', 'map(x, E)', 'map(x, E, E)', 'filter(x, E)', 'transformList(i, x, E)', 'transformMap(k, x, E)', 'transformMapEntry(k, x, {E: E})', 'optMap(x, E)', 'getHours()', 'getHours(E)', 'family()', 'compareTo(E)', 'validate(E)', 'a', '?a', 'b.c'];

function generate(random: () => number, depth: number): string {
  const pick = <T,>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const inner = (): string => generate(random, depth - 1);
  if (depth === 0) return pick(LEAVES);
  switch (Math.floor(random() * 8)) {
    case 0:
      return pick(LEAVES);
    case 1:
      return `(${inner()} ${pick(BINARY)} ${inner()})`;
    case 2:
      return `${pick(CALLS)}(${inner()})`;
    case 3:
      return `dyn(${inner()}).${pick(METHODS).replace(/E/g, inner)}`;
    case 4:
      return `(${inner()} ? ${inner()} : ${inner()})`;
    case 5:
      return `[dyn(${inner()}), dyn(${inner()})]${random() < 0.5 ? `[${inner()}]` : `.${pick(METHODS).replace(/E/g, inner)}`}`;
    case 6:
      return `{${inner()}: ${inner()}}[?${inner()}]`;
    default:
      return `cel.bind(x, ${inner()}, ${inner()})`;
  }
}

/** Neither compiling nor running throws, whatever it is given; gives what came of it. */
function tryOut(text: string): 'ran' | 'refused' | 'strange' {
  const compiled = compile(text, environment);
  if (!compiled.ok) return /^ERROR: <input>:\d+:\d+: /.test(compiled.message) ? 'refused' : 'strange';
  const outcome = compiled.program.evaluate(bindings, { remaining: 20_000, perCall: 20_000 });
  return outcome.ok || outcome.message !== '' ? 'ran' : 'strange';
}

it('takes any expression, and never throws', () => {
  const random = randomFrom(20_261_121);
  const outcomes = Array.from({ length: 3_000 }, (_, n) => tryOut(generate(random, 1 + (n % 4))));
  expect(outcomes).not.toContain('strange');
  // Enough of them are sound.
  expect(outcomes.filter((each) => each === 'ran').length).toBeGreaterThan(500);
});

it('takes any text, and never throws', () => {
  const random = randomFrom(4);
  const pieces = [...LEAVES, ...BINARY, '(', ')', '[', ']', '{', '}', '.', '?', ':', ',', '"', "'", '\\', '\n', '//', 'has(', 'é', '😀', '\u0000', '`', '"""', 'r"', 'b\'', '0x', '1e', '99999999999999999999', 'self', 'as', '$'];
  const texts = Array.from({ length: 3_000 }, () => Array.from({ length: 1 + Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)]!).join(random() < 0.5 ? '' : ' '));
  const long = ['(', '[', '{', '!', '-', 'a.', 'a?', '"', '1+', 'a&&', 'a?b:', '[[', '{1:', 'x.all(x,'].map((text) => text.repeat(5_000));
  expect([...texts, ...long].map(tryOut)).not.toContain('strange');
});
