import { asList, asMap, fieldTypeOf, formOf, type FieldType } from './fieldType.ts';
import { insert, type FieldSet, type FieldSetBuilder } from './fieldSet.ts';
import { indexed } from './listElements.ts';
import { fieldElement, type PathElement } from './pathElement.ts';

/**
 * The set of all that a value says: what an applied configuration owns. A scalar and what is owned as a whole is one path; so is every entry of
 * a map and every item of a list, with what is in it; a struct is only where it is empty.
 */
export function toFieldSet(type: FieldType, value: unknown): FieldSet {
  const set: FieldSetBuilder = {};
  walk(type, value, [], set);
  return set;
}

function walk(type: FieldType, value: unknown, path: PathElement[], set: FieldSetBuilder): void {
  const form = formOf(type, value);
  if (form === 'map') walkMap(type.map!, value, path, set);
  else if (form === 'list') walkList(type.list!, value, path, set);
  else insert(set, path);
}

function walkMap(map: NonNullable<FieldType['map']>, value: unknown, path: PathElement[], set: FieldSetBuilder): void {
  if (map.atomic) {
    insert(set, path);
    return;
  }
  const fields = asMap(value);
  for (const name in fields) {
    const each = fields[name];
    const type = fieldTypeOf(map, name);
    if (each === undefined || !type) continue;
    path.push(fieldElement(name));
    walk(type, each, path, set);
    if (each === null || isEmptyMap(each) || !map.field(name)) insert(set, path);
    path.pop();
  }
}

function walkList(list: NonNullable<FieldType['list']>, value: unknown, path: PathElement[], set: FieldSetBuilder): void {
  if (list.atomic) {
    insert(set, path);
    return;
  }
  for (const [element, items] of indexed(list, asList(value) ?? [])) {
    path.push(element);
    // Items that share an element are owned together.
    if (items.length === 1) walk(list.items, items[0], path, set);
    insert(set, path);
    path.pop();
  }
}

function isEmptyMap(value: unknown): boolean {
  const fields = asMap(value);
  if (!fields) return false;
  for (const name in fields) if (fields[name] !== undefined) return false;
  return true;
}
