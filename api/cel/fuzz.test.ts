import { atOnce } from './atOnce.ts';
import { DYN, INT, listOf, STRING } from './celType.ts';
import { compile } from './compile.ts';
import { fromAnyJson } from './fromJson.ts';
import { BINARY, LEAVES, randomExpression } from './randomExpression.ts';
import { seededRandom } from '../schema/seededRandom.ts';

const environment = { variables: { any: DYN, n: INT, s: STRING, list: listOf(DYN) } };
const bindings = { any: fromAnyJson({ a: [1, 'b', null, 2.5, { c: true }], s: '' }), n: 3, s: 'tëxt', list: fromAnyJson([1, 'x', [], {}, null, 9007199254740991]) };

/** Neither compiling nor running throws, whatever it is given; gives what came of it. */
function tryOut(text: string): 'ran' | 'refused' | 'strange' {
  const compiled = compile(text, environment);
  if (!compiled.ok) return /^(?:compilation failed: ERROR: <input>:\d+:\d+: |program instantiation failed: .)/.test(compiled.fault) ? 'refused' : 'strange';
  const outcome = compiled.program.evaluate(bindings, { remaining: 20_000, perCall: 20_000 });
  // In turns it is the same.
  const again = atOnce(compiled.program.evaluation(bindings, { remaining: 20_000, perCall: 20_000 }));
  if (again.ok !== outcome.ok || again.cost !== outcome.cost) return 'strange';
  return outcome.ok || outcome.message !== '' ? 'ran' : 'strange';
}

it('takes any expression, and never throws', () => {
  const random = seededRandom(20_261_121);
  const outcomes = Array.from({ length: 3_000 }, (_, n) => tryOut(randomExpression(random, 1 + (n % 4))));
  expect(outcomes).not.toContain('strange');
  // Enough of them are sound.
  expect(outcomes.filter((each) => each === 'ran').length).toBeGreaterThan(500);
});

it('takes any text, and never throws', () => {
  const random = seededRandom(4);
  const pieces = [...LEAVES, ...BINARY, '(', ')', '[', ']', '{', '}', '.', '?', ':', ',', '"', "'", '\\', '\n', '//', 'has(', 'é', '😀', '\u0000', '`', '"""', 'r"', 'b\'', '0x', '1e', '99999999999999999999', 'self', 'as', '$'];
  const texts = Array.from({ length: 3_000 }, () => Array.from({ length: 1 + Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)]!).join(random() < 0.5 ? '' : ' '));
  const long = ['(', '[', '{', '!', '-', 'a.', 'a?', '"', '1+', 'a&&', 'a?b:', '[[', '{1:', 'x.all(x,'].map((text) => text.repeat(5_000));
  expect([...texts, ...long].map(tryOut)).not.toContain('strange');
});
