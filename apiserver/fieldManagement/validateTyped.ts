import { asList, asMap, fieldTypeOf, formOf, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';
import { listElement, ListItemError } from './listElements.ts';
import { fieldElement, indexElement, showElement, type PathElement } from './pathElement.ts';

/** What does not fit its type, as `.spec.replicas: expected numeric (int or float), got string`; none where all does. */
export function typeFaults(type: FieldType, value: unknown): readonly string[] {
  const faults: string[] = [];
  walk(type, value, '', faults);
  return faults;
}

/** Faults as one message, as upstream joins them. */
export function faultsMessage(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}

const at = (path: string, message: string): string => (path === '' ? message : `${path}: ${message}`);

function walk(type: FieldType, value: unknown, path: string, faults: string[]): void {
  if (value === null) return;
  const form = formOf(type, value);
  if (form === 'map') validateMap(type.map!, value, path, faults);
  else if (form === 'list') validateList(type.list!, value, path, faults);
  else validateScalar(type.scalar!, value, path, faults);
}

function validateScalar(form: ScalarForm, value: unknown, path: string, faults: string[]): void {
  switch (form) {
    case 'numeric':
      if (typeof value !== 'number') faults.push(at(path, `expected numeric (int or float), got ${goType(value)}`));
      break;
    case 'string':
      if (typeof value !== 'string') faults.push(at(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`));
      break;
    case 'boolean':
      if (typeof value !== 'boolean') faults.push(at(path, `expected boolean, got ${goPrinted(value)}`));
      break;
    default:
      if (typeof value === 'object') faults.push(at(path, `expected any scalar, got ${goPrinted(value)}`));
  }
}

function validateMap(map: MapForm, value: unknown, path: string, faults: string[]): void {
  const fields = asMap(value);
  if (!fields) {
    faults.push(at(path, `expected map, got ${goPrinted(value)}`));
    return;
  }
  for (const name in fields) {
    const type = fieldTypeOf(map, name);
    const below = `${path}${showElement(fieldElement(name))}`;
    if (!type) {
      // Upstream stops at the first.
      faults.push(at(below, 'field not declared in schema'));
      return;
    }
    walk(type, fields[name], below, faults);
  }
}

function validateList(list: ListForm, value: unknown, path: string, faults: string[]): void {
  const items = asList(value);
  if (!items) {
    faults.push(at(path, `expected list, got ${goPrinted(value)}`));
    return;
  }
  const seen = new Set<PathElement>();
  for (const [index, item] of items.entries()) {
    const element = list.atomic ? indexElement(index) : elementOf(list, item, index, path, faults);
    if (element === undefined) return;
    if (seen.has(element)) faults.push(at(path, `duplicate entries for key ${showElement(element)}`));
    seen.add(element);
    walk(list.items, item, `${path}${showElement(element)}`, faults);
  }
}

function elementOf(list: ListForm, item: unknown, index: number, path: string, faults: string[]): PathElement | undefined {
  try {
    return listElement(list, item);
  } catch (error) {
    if (!(error instanceof ListItemError)) throw error;
    faults.push(at(path, `element ${index}: ${error.message}`));
    return undefined;
  }
}

/** Go's `%T` of what JSON gives. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Go's `%#v` of what JSON gives. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  const fields = asMap(value);
  if (fields) return `map[string]interface {}{${Object.keys(fields).sort().map((name) => `${JSON.stringify(name)}:${goSyntax(fields[name])}`).join(', ')}}`;
  return value === null ? 'interface {}(nil)' : JSON.stringify(value);
}

/** Go's `%v` of a wrapped value. */
const goPrinted = (value: unknown): string => `&{${goPlain(value)}}`;

function goPlain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goPlain).join(' ')}]`;
  const fields = asMap(value);
  if (fields) return `map[${Object.keys(fields).sort().map((name) => `${name}:${goPlain(fields[name])}`).join(' ')}]`;
  if (typeof value === 'string') return value;
  return value === null ? '<nil>' : JSON.stringify(value);
}
