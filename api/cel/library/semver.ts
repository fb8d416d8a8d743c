import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { integerOf, UINT_MAX } from '../values/integers.ts';
import { OpaqueValue } from '../values/opaque.ts';
import type { CelValue } from '../values/value.ts';

/** Digits of which 64 bits hold no number. */
const TOO_MANY_DIGITS = 21;
const DIGITS = /^\d*$/;
const WORD = /^[0-9A-Za-z-]*$/;

class Semver extends OpaqueValue {
  readonly typeName = 'kubernetes.Semver';
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];

  constructor(numbers: readonly bigint[], before: readonly string[]) {
    super();
    this.numbers = numbers;
    this.before = before;
  }

  equals(other: Semver): boolean {
    return order(this, other) === 0;
  }
}

/** Why a text is no version. */
class SemverFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A text in at most so many parts, the last of which has the rest. */
function split(text: string, most: number): string[] {
  const parts = text.split('.');
  return parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join('.')];
}

/** Without a `v` before it, with three numbers and no zeros in front of them. */
function normalized(text: string): string {
  const parts = split(text.replace(/^v/, ''), 3).map((part) => part.replace(/^0+(?=\d)/, ''));
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) throw new SemverFault('short version cannot contain PreRelease/Build meta data');
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function numberOf(text: string, name: string): bigint {
  if (!DIGITS.test(text)) throw new SemverFault(`Invalid character(s) found in ${name.toLowerCase()} number ${JSON.stringify(text)}`);
  if (/^0./.test(text)) throw new SemverFault(`${name} number must not contain leading zeroes ${JSON.stringify(text)}`);
  if (text === '') throw new SemverFault('strconv.ParseUint: parsing "": invalid syntax');
  if (text.length >= TOO_MANY_DIGITS || BigInt(text) > UINT_MAX) throw new SemverFault(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return BigInt(text);
}

/** A text before and behind a mark; undefined where it is not there. */
function cut(text: string, mark: string): readonly [before: string, behind: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function checkPreRelease(part: string): void {
  if (part === '') throw new SemverFault('Prerelease is empty');
  if (DIGITS.test(part) && /^0./.test(part)) throw new SemverFault(`Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`);
  if (!WORD.test(part)) throw new SemverFault(`Invalid character(s) found in prerelease ${JSON.stringify(part)}`);
}

function checkBuild(part: string): void {
  if (part === '') throw new SemverFault('Build meta data is empty');
  if (!WORD.test(part)) throw new SemverFault(`Invalid character(s) found in build meta data ${JSON.stringify(part)}`);
}

function read(text: string): Semver {
  if (text === '') throw new SemverFault('Version string empty');
  const [major, minor, rest] = split(text, 3);
  if (rest === undefined) throw new SemverFault('No Major.Minor.Patch elements found');
  const [beforeBuild, build] = cut(rest, '+');
  const [patch, preRelease] = cut(beforeBuild, '-');
  const numbers = [numberOf(major!, 'Major'), numberOf(minor!, 'Minor'), numberOf(patch, 'Patch')];
  const before = preRelease === undefined ? [] : preRelease.split('.');
  before.forEach(checkPreRelease);
  build?.split('.').forEach(checkBuild);
  return new Semver(numbers, before);
}

function parse(text: string, normalize: boolean): Semver | CelError {
  try {
    return read(normalize ? normalized(text) : text);
  } catch (error) {
    if (error instanceof SemverFault) return new CelError(error.message);
    throw error;
  }
}

function order(a: Semver, b: Semver): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index]!;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.before.length === 0 || b.before.length === 0) return Math.sign(b.before.length - a.before.length);
  for (let index = 0; index < Math.min(a.before.length, b.before.length); index += 1) {
    const result = orderOfParts(a.before[index]!, b.before[index]!);
    if (result !== 0) return result;
  }
  return Math.sign(a.before.length - b.before.length);
}

/** Numbers stand before words. */
function orderOfParts(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const part = (index: number) => ({ numbers }: Semver): CelValue => integerOf(BigInt.asIntN(64, numbers[index]!))!;

/** Kubernetes' library of semantic versions. */
export const SEMVER: readonly Overload[] = [
  global('semver', '(string) -> Semver', 'string_to_semver', (text: string) => parse(text, false)),
  global('semver', '(string, bool) -> Semver', 'string_bool_to_semver', parse),
  global('isSemver', '(string) -> bool', 'is_semver_string', (text: string) => parse(text, false) instanceof Semver),
  global('isSemver', '(string, bool) -> bool', 'is_semver_string_bool', (text: string, normalize: boolean) => parse(text, normalize) instanceof Semver),
  member('Semver', 'major', '() -> int', 'semver_major', part(0)),
  member('Semver', 'minor', '() -> int', 'semver_minor', part(1)),
  member('Semver', 'patch', '() -> int', 'semver_patch', part(2)),
  member('Semver', 'isGreaterThan', '(Semver) -> bool', 'semver_is_greater_than', (a: Semver, b: Semver) => order(a, b) > 0),
  member('Semver', 'isLessThan', '(Semver) -> bool', 'semver_is_less_than', (a: Semver, b: Semver) => order(a, b) < 0),
  member('Semver', 'compareTo', '(Semver) -> int', 'semver_compare_to', order),
];
