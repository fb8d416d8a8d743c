import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type ScalarTag, type Tags } from 'yaml';
import { goValue, yamlFault } from './yamlFaults.ts';

export interface ParsedYaml {
  readonly value: unknown;
  /** `line 4: key "a" already set in map`, one per duplicate. */
  readonly duplicates: readonly string[];
  /** Set when the text cannot be read; then `value` is undefined. */
  readonly error?: string;
}

const MAX_ALIASES = 100;
/** Each alias looks through the document for its anchor: so many looks at most (a fraction of a second). */
const MAX_ALIAS_LOOKS = 2_000_000;
const INTRODUCTION = 'error converting YAML to JSON: ';
const EXCESSIVE_ALIASING = `${INTRODUCTION}yaml: document contains excessive aliasing`;
/** Tags of YAML 1.1 that the YAML of Kubernetes does not have: dates stay strings, `1:30` too. */
const FOREIGN_TAGS = /timestamp|binary|omap|pairs|set$/;

const FLOAT = 'tag:yaml.org,2002:float';
const WITH_POINT = /^[-+]?(?:\.[0-9]|[0-9][0-9_]*\.)[0-9_]*$/;

/** To the library a point alone is a number, which it is not; sets of fields have it as a key. */
function withDigits(tag: Tags[number]): Tags[number] {
  return isScalarTag(tag) && tag.tag === FLOAT && tag.test?.test('.') === true ? { ...tag, test: WITH_POINT } : tag;
}

const isScalarTag = (tag: Tags[number]): tag is ScalarTag => typeof tag === 'object' && 'test' in tag;

/** Reads the first document of YAML 1.1 (`0644` is octal, `yes` is true) into plain JSON data. */
export function parseYaml(text: string, maxDepth: number): ParsedYaml {
  try {
    return parseDocumentOf(text, maxDepth);
  } catch (error) {
    // The parser recurses: it runs out of stack before its result could be measured.
    if (error instanceof RangeError) return failure('exceeded max depth');
    throw error;
  }
}

function parseDocumentOf(text: string, maxDepth: number): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !(FOREIGN_TAGS.test(tag.tag) || ('format' in tag && tag.format === 'TIME'))).map(withDigits),
    uniqueKeys: false,
    intAsBigInt: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const fault = document.errors[0];
  if (fault?.code === 'RESOURCE_EXHAUSTION') return failure('exceeded max depth');
  // Nobody looks at what stands behind the first document.
  if (fault && fault.code !== 'MULTIPLE_DOCS') return failure(`${INTRODUCTION}yaml: ${yamlFault(fault.message, lines.linePos(fault.pos[0]).line)}`);
  const { duplicates, isTooDeep, aliasLooks, misfit } = inspect(document, lines, maxDepth);
  if (isTooDeep) return failure('exceeded max depth');
  if (misfit !== undefined) return failure(`${INTRODUCTION}${misfit}`);
  if (aliasLooks > MAX_ALIAS_LOOKS) return failure(EXCESSIVE_ALIASING);
  try {
    const value = plainNumbers(document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
    return { value, duplicates };
  } catch (error) {
    if (error instanceof ReferenceError) return failure(EXCESSIVE_ALIASING);
    if (error instanceof InexactNumberError) return failure(error.message);
    // The parser throws a bare error for `<<: 3`.
    if (error instanceof Error && error.message.startsWith('Merge sources')) return failure('error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value');
    throw error;
  }
}

function failure(error: string): ParsedYaml {
  return { value: undefined, duplicates: [], error };
}

interface Inspection {
  /** The duplicate keys of all maps. */
  readonly duplicates: string[];
  readonly isTooDeep: boolean;
  /** How many nodes all aliases together would look at. */
  readonly aliasLooks: number;
  /** What JSON does not have: other keys than scalars, null among them, infinite numbers; and an alias of nothing. */
  readonly misfit?: string | undefined;
}

/** What is to be known of a document before it becomes plain data. */
function inspect(document: Document, lines: LineCounter, maxDepth: number): Inspection {
  const found: { readonly line: number; readonly key: string }[] = [];
  let nodes = 0;
  let aliases = 0;
  let misfit: string | undefined;
  const stack: { readonly node: unknown; readonly depth: number }[] = [{ node: document.contents, depth: 1 }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { node, depth } = entry;
    if (depth > maxDepth) return { duplicates: [], isTooDeep: true, aliasLooks: 0 };
    nodes++;
    if (isAlias(node)) {
      aliases++;
      if (!node.resolve(document)) misfit ??= `yaml: unknown anchor '${node.source}' referenced`;
    }
    if (isScalar(node) && node.type === 'PLAIN' && typeof node.value === 'string' && OCTAL.test(node.value)) node.value = octal(node.value);
    if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) misfit ??= `json: unsupported value: ${goValue(node.value)}`;
    if (isSeq(node)) {
      for (const item of node.items) stack.push({ node: item, depth: depth + 1 });
      continue;
    }
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      stack.push({ node: value, depth: depth + 1 });
      if (isAlias(key)) aliases++;
      if (isMap(key) || isSeq(key)) misfit ??= `yaml: invalid map key: ${goValue(key.toJS(document))}`;
      if (!isScalar(key) || isAlias(key)) continue;
      if (key.value === null) misfit ??= `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${goValue(isNode(value) && !isAlias(value) ? value.toJS(document) : undefined)}`;
      const name = String(key.value);
      if (seen.has(name)) found.push({ line: lines.linePos((isNode(value) ? value.range?.[0] : undefined) ?? key.range?.[0] ?? 0).line, key: goValue(key.value) });
      seen.add(name);
    }
  }
  const duplicates = found.sort((a, b) => a.line - b.line).map(({ line, key }) => `line ${line}: key ${key} already set in map`);
  return { duplicates, isTooDeep: false, aliasLooks: aliases * nodes, misfit };
}

/** `0o17`, which YAML 1.1 does not have, but Kubernetes' library does. */
const OCTAL = /^[-+]?0o[0-7]+$/;

function octal(text: string): bigint {
  const number = BigInt(text.replace(/^[-+]/, ''));
  return text.startsWith('-') ? -number : number;
}

class InexactNumberError extends Error {}

/** Integers were read without loss; those that a double holds become numbers, others are refused. */
function plainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isFinite(number)) throw new InexactNumberError('a number cannot be represented exactly');
    // What has more than 64 bits is a double in Kubernetes, too.
    if (BigInt.asIntN(64, value) === value && BigInt(number) !== value) throw new InexactNumberError(`number ${value} cannot be represented exactly`);
    return number;
  }
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainNumbers(each)]));
  }
  return value;
}
