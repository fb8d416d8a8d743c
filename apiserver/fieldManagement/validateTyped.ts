import { asList, asMap, fieldTypeOf, formOf, type FieldType, type ListForm, type MapForm, type ScalarForm } from './fieldType.ts';
import { listElement, ListItemError } from './listElements.ts';
import { goPlain, goType } from '../../api/values/goPrint.ts';
import { fieldElement, indexElement, showElement, type PathElement } from './pathElement.ts';

/** What does not fit its type, as `.spec.replicas: expected numeric (int or float), got string`; none where all does. Items that are there twice fit where `allowDuplicates`. */
export function typeFaults(type: FieldType, value: unknown, allowDuplicates = false): readonly string[] {
  const faults: string[] = [];
  walk({ faults, allowDuplicates }, type, value, undefined);
  return faults;
}

/** Faults as one message, as upstream joins them. */
export function faultsMessage(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}

/** Where a value stands; undefined is the object itself. Most values fit, and nobody asks for the text. */
interface Place {
  readonly outer: Place | undefined;
  readonly element: PathElement;
}

const pathOf = (place: Place | undefined): string => (place ? `${pathOf(place.outer)}${showElement(place.element)}` : '');

interface Walk {
  readonly faults: string[];
  readonly allowDuplicates: boolean;
}

function tell({ faults }: Walk, place: Place | undefined, message: string): void {
  const path = pathOf(place);
  faults.push(path === '' ? message : `${path}: ${message}`);
}

function walk(state: Walk, type: FieldType, value: unknown, place: Place | undefined): void {
  if (value === null) return;
  const form = formOf(type, value);
  if (form === 'map') validateMap(state, type.map!, value, place);
  else if (form === 'list') validateList(state, type.list!, value, place);
  else validateScalar(state, type.scalar!, value, place);
}

function validateScalar(state: Walk, form: ScalarForm, value: unknown, place: Place | undefined): void {
  switch (form) {
    case 'numeric':
      if (typeof value !== 'number') tell(state, place, `expected numeric (int or float), got ${goType(value)}`);
      break;
    case 'string':
      if (typeof value !== 'string') tell(state, place, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      break;
    case 'boolean':
      if (typeof value !== 'boolean') tell(state, place, `expected boolean, got ${goPrinted(value)}`);
      break;
    default:
      if (typeof value === 'object') tell(state, place, `expected any scalar, got ${goPrinted(value)}`);
  }
}

function validateMap(state: Walk, map: MapForm, value: unknown, place: Place | undefined): void {
  const fields = asMap(value);
  if (!fields) {
    tell(state, place, `expected map, got ${goPrinted(value)}`);
    return;
  }
  for (const name in fields) {
    const type = fieldTypeOf(map, name);
    const below = { outer: place, element: fieldElement(name) };
    if (!type) {
      // Upstream stops at the first.
      tell(state, below, 'field not declared in schema');
      return;
    }
    walk(state, type, fields[name], below);
  }
}

function validateList(state: Walk, list: ListForm, value: unknown, place: Place | undefined): void {
  const items = asList(value);
  if (!items) {
    tell(state, place, `expected list, got ${goPrinted(value)}`);
    return;
  }
  const seen = list.atomic || state.allowDuplicates ? undefined : new Set<PathElement>();
  for (const [index, item] of items.entries()) {
    const element = list.atomic ? indexElement(index) : elementOf(state, list, item, index, place);
    if (element === undefined) return;
    if (seen?.has(element)) tell(state, place, `duplicate entries for key ${showElement(element)}`);
    seen?.add(element);
    walk(state, list.items, item, { outer: place, element });
  }
}

function elementOf(state: Walk, list: ListForm, item: unknown, index: number, place: Place | undefined): PathElement | undefined {
  try {
    return listElement(list, item);
  } catch (error) {
    if (!(error instanceof ListItemError)) throw error;
    tell(state, place, `element ${index}: ${error.message}`);
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
