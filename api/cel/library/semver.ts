import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelError } from '../values/celError.ts';
import { integerOf } from '../values/integers.ts';
import { OpaqueValue } from '../values/opaque.ts';
import type { CelValue } from '../values/value.ts';

const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;
const LONGEST = 512;

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

/** Without a `v` before it, with three numbers and no zeros in front of them. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^([^-+]*)([-+].*)?$/s.exec(text.replace(/^v/, '')) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return `${parts.join('.')}${rest}`;
}

function parse(text: string, normalize: boolean): Semver | CelError {
  const parts = text.length > LONGEST ? null : FORM.exec(normalize ? normalized(text) : text);
  if (!parts) return new CelError(text === '' ? 'Version string empty' : 'No Major.Minor.Patch elements found');
  const numbers = parts.slice(1, 4).map(BigInt);
  if (numbers.some((each) => integerOf(each) === undefined)) return new CelError('strconv.ParseUint: value out of range');
  return new Semver(numbers, parts[4] === undefined ? [] : parts[4].split('.'));
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

const part = (index: number) => ({ numbers }: Semver): CelValue => integerOf(numbers[index]!)!;

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
