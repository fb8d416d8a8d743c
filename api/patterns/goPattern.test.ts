import { GoPattern, goPattern } from './goPattern.ts';
import { Meter, TooMuchWorkError } from './meter.ts';
import { seededRandom } from '../schema/seededRandom.ts';

// What Go's `regexp` gives for `FindAllString`.
it.each<readonly [pattern: string, text: string, found: readonly string[]]>([
  ['', '', ['']],
  ['^abcdefg', 'abcdefg', ['abcdefg']],
  ['a+', 'baaab', ['aaa']],
  ['a*', 'baaab', ['', 'aaa', '']],
  ['abcd..', 'abcdef', ['abcdef']],
  ['a', 'daabc', ['a', 'a']],
  ['(a|ab)(bcd|c)', 'abcd', ['abcd']],
  ['a|ab', 'ab', ['a']],
  ['ab|a', 'ab', ['ab']],
  ['.*', 'x\ny', ['x', 'y']],
  ['(?s).*', 'x\ny', ['x\ny']],
  ['^', 'ab\ncd', ['']],
  ['(?m)^', 'ab\ncd', ['', '']],
  ['(?m)^\\w+$', 'ab\ncd', ['ab', 'cd']],
  ['a$', 'aba', ['a']],
  ['\\Aa|b\\z', 'aab', ['a', 'b']],
  ['\\bx\\b', 'xx x x_ x', ['x', 'x']],
  ['\\Bx', 'xx ax', ['x', 'x']],
  ['\\b', 'ab c', ['', '', '', '']],
  ['(|a)*', 'aa', ['', '', '']],
  ['(|a)+', 'aa', ['', '', '']],
  ['(a*)*', 'b', ['', '']],
  ['a{2,3}', 'aaaaaaa', ['aaa', 'aaa']],
  ['a{2,3}?', 'aaaaa', ['aa', 'aa']],
  ['a{0}b', 'ab', ['b']],
  ['a{,2}', 'a{,2}', ['a{,2}']],
  ['a{', 'a{', ['a{']],
  ['(?U)a+', 'aaa', ['a', 'a', 'a']],
  ['(?U)a+?', 'aaa', ['aaa']],
  ['(?i)straße', 'STRAẞE strasse', ['STRAẞE']],
  ['(?i)[^k]', 'kK\u212ax', ['x']],
  ['(?i)ſ', 'sSſ', ['s', 'S', 'ſ']],
  ['(?i)ı', 'iIı', ['ı']],
  ['(?i)σ', 'Σσς', ['Σ', 'σ', 'ς']],
  ['a(?i)b|c', 'aBCc', ['aB', 'C', 'c']],
  ['(?i:a)b', 'Ab AB', ['Ab']],
  ['(?i-i:a)|b', 'AaB', ['a']],
  ['[[:alpha:]]+', '1ab2', ['ab']],
  ['[[:^alpha:]]+', '1ab2', ['1', '2']],
  ['[]a]+', 'x]a]', [']a]']],
  ['[^]a]+', 'x]a]y', ['x', 'y']],
  ['[a-]+', 'b-a', ['-a']],
  ['[\\d\\-x]+', 'a1-x', ['1-x']],
  ['[^\\n]', '\na', ['a']],
  ['\\s', '\v ', [' ']],
  ['[[:space:]]', '\v', ['\v']],
  ['\\pL+', 'aéж1', ['aéж']],
  ['\\p{Greek}+', 'abγδ', ['γδ']],
  ['\\p{^Greek}+', 'abγδ', ['ab']],
  ['\\P{Lu}+', 'ABc', ['c']],
  ['\\p{uppercase letter}', 'aÉ', ['É']],
  ['(?i)\\p{Lu}', 'aé1', ['a', 'é']],
  ['[\\p{Nd}_]+', 'x٣_', ['٣_']],
  ['\\p{Any}', '😀', ['😀']],
  ['.', '😀\ud83d', ['😀', '\ud83d']],
  ['\\x{1F600}\\x41\\101\\t', '😀AA\t', ['😀AA\t']],
  ['\\Qa.b*\\E+', 'a.b** axb', ['a.b**']],
  ['(?P<a>x)(?<b>y)', 'xy', ['xy']],
  ['\\.\\_', '._', ['._']],
  ['x*?', 'xx', ['', '', '']],
  ['(?:(?:a)|b)*c', 'abac', ['abac']],
])('finds %j in %j', (pattern, text, found) => {
  expect(goPattern(pattern).findAll(text)).toEqual(found);
  expect(goPattern(pattern).find(text)).toBe(found[0] ?? '');
  expect(goPattern(pattern).test(text)).toBe(found.length > 0);
});

it.each([
  ['(', 'missing closing ): `(`'],
  ['(abc', 'missing closing ): `(abc`'],
  ['a)', 'unexpected ): `a)`'],
  ['[a', 'missing closing ]: `[a`'],
  ['x[a-', 'missing closing ]: `[a-`'],
  ['[z-a]', 'invalid character class range: `z-a`'],
  ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
  ['\\p{Grek}', 'invalid character class range: `\\p{Grek}`'],
  ['\\p', 'invalid character class range: `\\p`'],
  ['\\p{', 'invalid character class range: `\\p{`'],
  ['*', 'missing argument to repetition operator: `*`'],
  ['a|+?', 'missing argument to repetition operator: `+?`'],
  ['({2})', 'missing argument to repetition operator: `{2}`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['a{2}{3}?', 'invalid nested repetition operator: `{2}{3}?`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['a{3,2}', 'invalid repeat count: `{3,2}`'],
  ['((a{100}){10}){10}', 'invalid repeat count: `{10}`'],
  ['(a{1000}){2,}', 'invalid repeat count: `{2,}`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['(?<!a)', 'invalid named capture: `(?<!a)`'],
  ['(?i', 'invalid or unsupported Perl syntax: `(?i`'],
  ['(?i-)a', 'invalid or unsupported Perl syntax: `(?i-)`'],
  ['(?P<n', 'invalid named capture: `(?P<n`'],
  ['(?P<n->a)', 'invalid named capture: `(?P<n->`'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['\\8', 'invalid escape sequence: `\\8`'],
  ['\\q', 'invalid escape sequence: `\\q`'],
  ['\\C', 'invalid escape sequence: `\\C`'],
  ['\\xg', 'invalid escape sequence: `\\xg`'],
  ['\\x{110000}', 'invalid escape sequence: `\\x{110000`'],
  ['a\\', 'trailing backslash at end of expression: ``'],
])('refuses %j as Go does', (pattern, message) => {
  expect(() => goPattern(pattern)).toThrow(`error parsing regexp: ${message}`);
});

it('bounds how deep and how large a pattern may be', () => {
  expect(() => goPattern(`${'('.repeat(1100)}a${')'.repeat(1100)}`)).toThrow('expression nests too deeply');
  expect(() => goPattern(`${'abcdefghijkl'.repeat(10)}(?:${'x'.repeat(200)}){1000}`)).toThrow('expression too large');
  expect(() => goPattern('a'.repeat(70_000))).toThrow('expression too large');
  expect(goPattern(`${'(?:'.repeat(5_000)}a${')'.repeat(5_000)}`).test('ba')).toBe(true);
});

const ATOMS = ['a', 'b', '.', '[ab]', '[^a]', '\\w', '\\W', '\\d', '[a-c\\d]', 'ab', '\\n', '-', '\\x62', '[^\\w-]'];
const ASSERTIONS = ['^', '$', '\\b', '\\B'];
const SIGNS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}'];

/** A pattern that means the same to Go and to JavaScript. What is repeated is never empty: of that, they prefer different matches. */
function generate(random: () => number, depth: number): { readonly text: string; readonly neverEmpty: boolean } {
  const pick = <T,>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  if (depth === 0) return { text: pick(ATOMS), neverEmpty: true };
  const [a, b] = [generate(random, depth - 1), generate(random, depth - 1)];
  const kind = Math.floor(random() * 5);
  if (kind === 0) return { text: `(?:${a.text}|${b.text})`, neverEmpty: a.neverEmpty && b.neverEmpty };
  if (kind === 1) return { text: `${pick(ASSERTIONS)}${a.text}`, neverEmpty: a.neverEmpty };
  if (kind < 4 && a.neverEmpty) {
    const sign = pick(SIGNS);
    return { text: `(${a.text})${sign}`, neverEmpty: /^(?:\+|\{[12])/.test(sign) };
  }
  return { text: `${a.text}${b.text}`, neverEmpty: a.neverEmpty || b.neverEmpty };
}

it("agrees with JavaScript's engine on patterns that both know", () => {
  const random = seededRandom(20_261_121);
  const differing: string[] = [];
  let matching = 0;
  for (let n = 0; n < 3_000; n += 1) {
    const { text: source } = generate(random, 1 + (n % 4));
    const flags = ['', 'i', 'm', 's'][n % 4]!;
    const text = Array.from({ length: Math.floor(random() * 12) }, () => 'aabBc1-\n'[Math.floor(random() * 8)]!).join('');
    const theirs = new RegExp(source, flags).exec(text)?.[0];
    const ours = new GoPattern(flags === '' ? source : `(?${flags})${source}`, new Meter(1e6));
    if (theirs !== undefined) matching += 1;
    if (ours.test(text) !== (theirs !== undefined) || ours.find(text) !== (theirs ?? '')) differing.push(`${flags} ${source} ${JSON.stringify(text)}`);
  }
  expect(differing).toEqual([]);
  expect(matching).toBeGreaterThan(1_000);
});

it('takes any text as a pattern or refuses it as Go does', () => {
  const random = seededRandom(7);
  const pieces = ['(', ')', '[', ']', '{', '}', '*', '+', '?', '|', '\\', '^', '$', '.', 'a', '1', ',', '-', '(?', ':', 'P<', '>', '\\p{', 'L', '[:', ':]', '\\x', '\\Q', '\\E', '😀', '\ud800', 'i'];
  const strange: string[] = [];
  for (let n = 0; n < 5_000; n += 1) {
    const text = Array.from({ length: 1 + Math.floor(random() * 10) }, () => pieces[Math.floor(random() * pieces.length)]!).join('');
    try {
      goPattern(text).findAll('a1-😀(');
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('error parsing regexp: '))) strange.push(`${text}: ${String(error)}`);
    }
  }
  expect(strange).toEqual([]);
});

it('takes time that grows as the text does, and gives up where that is too much', () => {
  expect(goPattern('^(a+)+$').test(`${'a'.repeat(100_000)}b`)).toBe(false);
  expect(goPattern('(?i)^(a|a)*$').test(`${'a'.repeat(100_000)}b`)).toBe(false);
  const text = Array.from({ length: 100_000 }, (_, n) => ((n * 7919) % 13 < 6 ? 'a' : 'b')).join('');
  expect(() => goPattern('(a|b)*a(a|b){900}$').test(text)).toThrow(TooMuchWorkError);
  expect(() => goPattern('a.*x|b').findAll(text)).toThrow(TooMuchWorkError);
});
