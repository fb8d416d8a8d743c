import { goJson, goNumber, goQuote } from '../../api/values/goPrint.ts';

/**
 * One step of a path into an object, in the form in which `fieldsV1` names it: `f:NAME` a field or a map's key, `k:{…}` an item of a list by
 * its keys, `v:…` an item of a set by its value, `i:N` an item by its index. `.` is no step: it marks a node as a member itself.
 */
export type PathElement = string;
export type FieldPath = readonly PathElement[];

/** Marks, among the children of a node, that the node itself is a member of the set. */
export const SELF = '.';

export const fieldElement = (name: string): PathElement => `f:${name}`;
export const valueElement = (value: unknown): PathElement => `v:${goJson(value)}`;
export const indexElement = (index: number): PathElement => `i:${index}`;

/** Of an item's keys, sorted by their names. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  const sorted = keys.length < 2 ? keys : [...keys].sort(([a], [b]) => compareText(a, b));
  return `k:{${sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`;
}

/** The name of a field's element; undefined for the other kinds. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

export const isKey = (element: PathElement): boolean => element.startsWith('k:');

/** Reads an element that a client sent, and gives its canonical form; undefined where it is none (upstream's `DeserializePathElement`). */
export function parseElement(text: string): PathElement | undefined {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'v:': {
      const value = parsed(rest);
      return isScalar(value) ? valueElement(value) : undefined;
    }
    case 'k:': {
      const value = parsed(rest);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      const keys = Object.entries(value);
      return keys.every(([, each]) => isScalar(each)) ? keyElement(keys) : undefined;
    }
    case 'i:':
      return /^-?\d+$/.test(rest) ? indexElement(Number(rest)) : undefined;
    default:
      return undefined;
  }
}

/** Nothing else tells items apart. */
const isScalar = (value: unknown): boolean => value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function showPath(path: FieldPath): string {
  return path.map(showElement).join('');
}

export function showElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'v':
      return `[=${showValue(JSON.parse(rest))}]`;
    case 'k':
      return `[${Object.entries(JSON.parse(rest) as object).map(([name, value]) => `${name}=${showValue(value)}`).join(',')}]`;
    default:
      return `[${rest}]`;
  }
}

/** As upstream's `value.ToString`, which separates the fields of a map by nothing. */
function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(',')}]`;
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([name, each]) => `${name}=${showValue(each)}`).join('');
  return typeof value === 'string' ? goQuote(value) : typeof value === 'number' ? goNumber(value) : JSON.stringify(value);
}

/** The order in which `fieldsV1` lists elements: the mark first, then fields, keys, values, indexes, each by what they are made of. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kind = kindOrder(a);
  const other = kindOrder(b);
  if (kind !== other) return kind - other;
  switch (kind) {
    case 2:
      return compareKeys(JSON.parse(a.slice(2)) as object, JSON.parse(b.slice(2)) as object);
    case 3:
      if (isPlainText(a) && isPlainText(b)) return compareText(a.slice(3, -1), b.slice(3, -1));
      return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
    case 4:
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareText(a, b);
  }
}

/** An item of a set of texts, which stands there as it is. */
const isPlainText = (element: PathElement): boolean => element.startsWith('v:"') && !element.includes('\\');

/** An item of a set of texts which, among others like it, has the place that its element has among their elements: nothing in it comes before the quote at its end. */
export const isOrdered = (element: PathElement): boolean => ORDERED.test(element);

const ORDERED = /^v:"[^\\\0-!]*$/;

function kindOrder(element: PathElement): number {
  switch (element.charCodeAt(0)) {
    case 0x66:
      return 1;
    case 0x6b:
      return 2;
    case 0x76:
      return 3;
    case 0x69:
      return 4;
    default:
      return 0;
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compareKeys(a: object, b: object): number {
  const [fieldsA, fieldsB] = [Object.entries(a), Object.entries(b)];
  for (let index = 0; index < fieldsA.length && index < fieldsB.length; index += 1) {
    const order = compareText(fieldsA[index]![0], fieldsB[index]![0]) || compareValues(fieldsA[index]![1], fieldsB[index]![1]);
    if (order !== 0) return order;
  }
  return fieldsA.length - fieldsB.length;
}

/** Numbers before text, text before truth values, these before null; lists and maps, which no key has, by their text. */
function compareValues(a: unknown, b: unknown): number {
  const [typeA, typeB] = [valueOrder(a), valueOrder(b)];
  if (typeA !== typeB) return typeA - typeB;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return compareText(goJson(a), goJson(b));
}

function valueOrder(value: unknown): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  return value === null ? 5 : Array.isArray(value) ? 3 : 4;
}
