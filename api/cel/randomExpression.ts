/** The smallest expressions. */
export const LEAVES: readonly string[] = ['1', '0', '-1', '2u', '1.5', '"a"', '""', 'b"x"', 'true', 'false', 'null', 'any', 'n', 's', 'list', 'any.a', '[]', '{}', '9223372036854775807', 'x', 'int', 'optional.none()'];
/** Operators with two sides. */
export const BINARY: readonly string[] = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in'];
const CALLS = ['size', 'int', 'uint', 'double', 'string', 'bytes', 'bool', 'type', 'dyn', 'duration', 'timestamp', 'quantity', 'url', 'ip', 'cidr', 'semver', 'isURL', 'optional.of', 'optional.ofNonZeroValue', 'strings.quote', 'format.named'];
const METHODS = ['size()', 'sum()', 'min()', 'isSorted()', 'indexOf(E)', 'contains(E)', 'matches(E)', 'find(E)', 'findAll(E)', 'replace(E, E)', 'split(E)', 'join(E)', 'substring(E)', 'charAt(E)', 'trim()', 'format([E, E])', 'orValue(E)', 'or(E)', 'hasValue()', 'value()', 'all(x, E)', 'exists(x, E)', 'exists_one(x, E)', 'map(x, E)', 'map(x, E, E)', 'filter(x, E)', 'transformList(i, x, E)', 'transformMap(k, x, E)', 'transformMapEntry(k, x, {E: E})', 'optMap(x, E)', 'getHours()', 'getHours(E)', 'family()', 'compareTo(E)', 'validate(E)', 'a', '?a', 'b.c'];

/** An expression of this depth, sound or not, over the variables `any`, `n`, `s` and `list`; `random` gives numbers in [0, 1). For property tests. */
export function randomExpression(random: () => number, depth: number): string {
  const pick = <T,>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const inner = (): string => randomExpression(random, depth - 1);
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
