import { asList, asMap, fieldTypeOf, formOf, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';
import { listElement, ListItemError } from './listElements.ts';
import { goPlain, goType } from '../../api/values/goPrint.ts';
import { fieldElement, indexElement, showElement, type PathElement } from './pathElement.ts';

/** What does not fit its type, as `.spec.replicas: expected numeric (int or float), got string`; none where all does. Items that are there twice fit where `allowDuplicates`. */
export function typeFaults(type: FieldType, value: unknown, allowDuplicates = false): readonly string[] {
  const faults: string[] = [];
  walk({ faults, allowDuplicates }, type, value, '');
  return faults;
}

/** Faults as one message, as upstream joins them. */
export function faultsMessage(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}

const at = (path: string, message: string): string => (path === '' ? message : `${path}: ${message}`);

interface Walk {
  readonly faults: string[];
  readonly allowDuplicates: boolean;
}

function walk(state: Walk, type: FieldType, value: unknown, path: string): void {
  if (value === null) return;
  const form = formOf(type, value);
  if (form === 'map') validateMap(state, type.map!, value, path);
  else if (form === 'list') validateList(state, type.list!, value, path);
  else validateScalar(type.scalar!, value, path, state.faults);
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

function validateMap(state: Walk, map: MapForm, value: unknown, path: string): void {
  const { faults } = state;
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
    walk(state, type, fields[name], below);
  }
}

function validateList(state: Walk, list: ListForm, value: unknown, path: string): void {
  const { faults, allowDuplicates } = state;
  const items = asList(value);
  if (!items) {
    faults.push(at(path, `expected list, got ${goPrinted(value)}`));
    return;
  }
  const seen = new Set<PathElement>();
  for (const [index, item] of items.entries()) {
    const element = list.atomic ? indexElement(index) : elementOf(list, item, index, path, faults);
    if (element === undefined) return;
    if (!allowDuplicates && seen.has(element)) faults.push(at(path, `duplicate entries for key ${showElement(element)}`));
    seen.add(element);
    walk(state, list.items, item, `${path}${showElement(element)}`);
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

/** Go's `%#v` of what JSON gives. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  const fields = asMap(value);
  if (fields) return `map[string]interface {}{${Object.keys(fields).sort().map((name) => `${JSON.stringify(name)}:${goSyntax(fields[name])}`).join(', ')}}`;
  return value === null ? 'interface {}(nil)' : JSON.stringify(value);
}

/** Go's `%v` of a wrapped value. */
const goPrinted = (value: unknown): string => `&{${goPlain(value)}}`;
