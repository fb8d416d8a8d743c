import { foldCases, foldingCost } from './caseFolding.ts';
import { PERL, POSIX } from './characterClasses.ts';
import { complement, union } from './codePointSet.ts';
import type { CodePointSet } from './codePointSet.ts';
import { PatternError } from './patternError.ts';
import type { PatternReader } from './patternReader.ts';
import { unicodeClass } from './unicodeClasses.ts';

/** A set with all cases of what is in it, if cases are not told apart; charges for what that takes. */
export function folded(reader: PatternReader, set: CodePointSet, folds: boolean): CodePointSet {
  reader.charge(set.length + (folds ? foldingCost(set) : 0));
  return folds ? foldCases(set) : set;
}

/** `\d`, `\pL`, `\P{Greek}`: undefined, and nothing read, where none stands here. Throws `PatternError`. */
export function parseClassEscape(reader: PatternReader, folds: boolean): CodePointSet | undefined {
  const letter = reader.text[reader.at + 1] ?? '';
  if (!reader.sees('\\')) return undefined;
  if (letter === 'p' || letter === 'P') return parseUnicodeClass(reader, folds);
  const group = Object.hasOwn(PERL, letter) ? PERL[letter] : undefined;
  if (!group) return undefined;
  reader.at += 2;
  const set = folded(reader, group.set, folds);
  return group.negated ? complement(set) : set;
}

function parseUnicodeClass(reader: PatternReader, folds: boolean): CodePointSet {
  const from = reader.at;
  reader.at += 2;
  let name = reader.next();
  if (name === '{') {
    const end = reader.text.indexOf('}', reader.at);
    if (end < 0) throw new PatternError('invalid character class range', reader.text.slice(from));
    name = reader.text.slice(reader.at, end);
    reader.at = end + 1;
  }
  const caret = name.startsWith('^');
  const found = unicodeClass(caret ? name.slice(1) : name);
  if (!found) throw new PatternError('invalid character class range', reader.since(from));
  const set = folded(reader, found, folds);
  return caret === (reader.text[from + 1] === 'P') ? set : complement(set);
}

/** `[a-z\d[:alpha:]]`. Stands at its bracket. Throws `PatternError`. */
export function parseClass(reader: PatternReader, folds: boolean): CodePointSet {
  const from = reader.at;
  reader.at += 1;
  const negated = reader.takes('^');
  const sets: CodePointSet[] = [];
  for (let first = true; first || !reader.sees(']'); first = false) {
    const set = parseNamed(reader, folds) ?? parseClassEscape(reader, folds);
    if (set) {
      sets.push(set);
      continue;
    }
    sets.push(folded(reader, parseRange(reader, from), folds));
  }
  reader.at += 1;
  const set = union(...sets);
  return negated ? complement(set) : set;
}

/** `[:alpha:]`, within a class. */
function parseNamed(reader: PatternReader, folds: boolean): CodePointSet | undefined {
  const end = reader.sees('[:') ? reader.text.indexOf(':]', reader.at + 2) : -1;
  if (end < 0) return undefined;
  const whole = reader.text.slice(reader.at, end + 2);
  const negated = whole[2] === '^';
  const found = POSIX.get(whole.slice(negated ? 3 : 2, -2));
  if (!found) throw new PatternError('invalid character class range', whole);
  reader.at = end + 2;
  const set = folded(reader, found, folds);
  return negated ? complement(set) : set;
}

/** `a` or `a-z`, within the class that began at a place. */
function parseRange(reader: PatternReader, classBegan: number): CodePointSet {
  const from = reader.at;
  const first = parseCharacter(reader, classBegan);
  // In `[a-]` the hyphen stands for itself.
  if (!reader.sees('-') || reader.at + 1 >= reader.text.length || reader.text[reader.at + 1] === ']') return [first, first];
  reader.at += 1;
  const last = parseCharacter(reader, classBegan);
  if (last < first) throw new PatternError('invalid character class range', reader.since(from));
  return [first, last];
}

function parseCharacter(reader: PatternReader, classBegan: number): number {
  if (reader.isAtEnd) throw new PatternError('missing closing ]', reader.text.slice(classBegan));
  return reader.sees('\\') ? reader.escape() : reader.next().codePointAt(0)!;
}
