/** What the YAML library of Kubernetes says of the commonest faults of a text; by what ours says of them. */
const SCANNER_FAULTS: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/^Unexpected block-seq-ind on same line with key/, 'block sequence entries are not allowed in this context'],
  [/^Nested mappings are not allowed/, 'mapping values are not allowed in this context'],
  [/^Plain value cannot start with reserved character/, 'found character that cannot start any token'],
  [/^Tabs are not allowed/, 'found a tab character that violates indentation'],
];
const PARSER_FAULTS: typeof SCANNER_FAULTS = [
  [/^Flow sequence in block collection must/, "did not find expected ',' or ']'"],
  [/^Flow map in block collection must/, "did not find expected ',' or '}'"],
];

/** A fault of a text, in Go's words where they are known: `line 3: found character that cannot start any token`. Lines count from 1. */
export function yamlFault(message: string, line: number): string {
  const known = wordsFor(SCANNER_FAULTS, message);
  // Go names no line where it is the first.
  if (known !== undefined) return line === 1 ? known : `line ${line}: ${known}`;
  return `line ${line}: ${wordsFor(PARSER_FAULTS, message) ?? message}`;
}

const wordsFor = (faults: typeof SCANNER_FAULTS, message: string): string | undefined => faults.find(([ours]) => ours.test(message))?.[1];

/** Go's `%#v` of what its YAML library makes of a value. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return `map[interface {}]interface {}{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${goValue(each)}`).join(', ')}}`;
}
