import { isRecord } from '../values/isRecord.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'each' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly step: number }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'filter'; readonly left: readonly Step[]; readonly operator: string; readonly right: Operand };
type Operand = { readonly path: readonly Step[] } | { readonly value: unknown } | undefined;

/** A path that cannot be read. */
export class JsonPathError extends Error {}

/** Reads all values at a place in an object. */
export type JsonPath = (object: unknown) => readonly unknown[];

/**
 * Compiles a path of the JSONPath dialect of kubectl as CustomResourceDefinitions use it: `.spec.a`, `['a.b']`, `[0]`, `[-1:]`, `[*]`, `..name` and
 * `[?(@.type=="Ready")]`. A missing field gives nothing. Throws `JsonPathError`.
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parse(text);
  return (object) => walk([object], steps);
}

/** The parts of a path of plain field names, such as `.spec.replicas`. */
export const plainSteps = (path: string): readonly string[] => path.split('.').filter((step) => step !== '');

function parse(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text;
  const take = (form: RegExp): RegExpExecArray | undefined => {
    const match = form.exec(rest);
    if (match) rest = rest.slice(match[0].length);
    return match ?? undefined;
  };
  while (rest !== '') {
    if (take(/^\.\./)) {
      steps.push({ kind: 'descend' });
      const name = take(/^(?:\\.|[^.[\]\\\s])+/);
      if (name) steps.push(fieldStep(name[0]));
    } else if (take(/^\.?\[\*\]/) || take(/^\.\*/)) {
      steps.push({ kind: 'each' });
    } else if (take(/^\.(?=\[|$)/)) {
      continue;
    } else {
      const name = take(/^\.?((?:\\.|[^.[\]\\\s])+)/);
      if (name) {
        steps.push(fieldStep(name[1]!));
        continue;
      }
      steps.push(bracket(takeBracket(rest)));
      rest = rest.slice(takeBracket(rest).length + 2);
    }
  }
  return steps;
}

const fieldStep = (name: string): Step => ({ kind: 'field', name: name.replace(/\\(.)/g, '$1') });

/** The content of the bracket that a text begins with; brackets inside and quotes are respected. */
function takeBracket(text: string): string {
  if (text[0] !== '[') throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(text[0])}`);
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[') depth += 1;
    else if (letter === ']' && (depth -= 1) === 0) return text.slice(1, at);
  }
  throw new JsonPathError('unterminated array');
}

function bracket(content: string): Step {
  const quoted = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(content);
  if (quoted) return fieldStep(quoted[1] ?? quoted[2] ?? '');
  if (/^-?\d+$/.test(content)) return { kind: 'index', index: Number(content) };
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(content);
  if (slice) return { kind: 'slice', from: slice[1] === '' ? undefined : Number(slice[1]), to: slice[2] === '' ? undefined : Number(slice[2]), step: slice[3] ? Number(slice[3]) : 1 };
  const filter = /^\?\((.*)\)$/s.exec(content);
  if (!filter) throw new JsonPathError(`invalid array index ${content}`);
  const parts = /^\s*(@[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?$/s.exec(filter[1]!);
  if (!parts) throw new JsonPathError(`unterminated filter ${content}`);
  return { kind: 'filter', left: parse(parts[1]!.slice(1)), operator: parts[2] ?? 'exists', right: parts[3] === undefined ? undefined : operand(parts[3]) };
}

function operand(text: string): Operand {
  if (text.startsWith('@')) return { path: parse(text.slice(1)) };
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(text);
  if (quoted) return { value: quoted[1] ?? quoted[2] };
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) };
  throw new JsonPathError(`unrecognized literal ${text}`);
}

function walk(values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((found, step) => found.flatMap((value) => follow(value, step)), values);
}

function follow(value: unknown, step: Step): readonly unknown[] {
  switch (step.kind) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'each':
      return childrenOf(value);
    case 'descend':
      return [value, ...childrenOf(value).flatMap((child) => follow(child, step))];
    case 'index': {
      if (!Array.isArray(value)) return [];
      const found: unknown = value.at(step.index);
      return found === undefined ? [] : [found];
    }
    case 'slice':
      return Array.isArray(value) ? (value as unknown[]).slice(step.from ?? 0, step.to).filter((_, index) => index % Math.max(1, step.step) === 0) : [];
    default:
      return Array.isArray(value) ? value.filter((item: unknown) => passes(item, step)) : [];
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

function passes(item: unknown, { left, operator, right }: Extract<Step, { kind: 'filter' }>): boolean {
  const found = walk([item], left);
  if (operator === 'exists' || right === undefined) return found.length > 0;
  const [first] = found;
  const second = 'path' in right ? walk([item], right.path)[0] : right.value;
  if (first === undefined || second === undefined) return false;
  if (operator === '==') return first === second;
  if (operator === '!=') return first !== second;
  if (typeof first !== typeof second || (typeof first !== 'number' && typeof first !== 'string')) return false;
  const order = first < (second as typeof first) ? -1 : first > (second as typeof first) ? 1 : 0;
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
}
