import { asList, asMap, fieldTypeOf, formOf, type FieldType, type ListForm, type MapForm } from './fieldType.ts';
import { hasChildren, isMember, type FieldSet } from './fieldSet.ts';
import { elementOrNone } from './listElements.ts';
import { fieldElement } from './pathElement.ts';
import { setField } from '../../api/values/ownField.ts';

/** The value without the members of a set, and all that is in them. What is left of a map or a list that became empty is null. Gives a new value. */
export function removeFields(type: FieldType, value: unknown, set: FieldSet): unknown {
  const form = formOf(type, value);
  if (form === 'map') return removeFromMap(type.map!, value, set);
  return form === 'list' ? removeFromList(type.list!, value, set) : value;
}

function removeFromMap(map: MapForm, value: unknown, set: FieldSet): unknown {
  const fields = asMap(value);
  if (!fields || map.atomic) return null;
  const left: Record<string, unknown> = {};
  let any = false;
  for (const name in fields) {
    const below = set[fieldElement(name)];
    if (below && isMember(below)) continue;
    const type = below && hasChildren(below) ? fieldTypeOf(map, name) : undefined;
    setField(left, name, type ? removeFields(type, fields[name], below!) : fields[name]);
    any = true;
  }
  return any ? left : null;
}

function removeFromList(list: ListForm, value: unknown, set: FieldSet): unknown {
  const items = asList(value);
  if (!items || items.length === 0 || list.atomic) return null;
  const left: unknown[] = [];
  for (const item of items) {
    const element = elementOrNone(list, item);
    const below = element === undefined ? undefined : set[element];
    if (below && isMember(below)) continue;
    left.push(below && hasChildren(below) ? removeFields(list.items, item, below) : item);
  }
  return left.length > 0 ? left : null;
}
