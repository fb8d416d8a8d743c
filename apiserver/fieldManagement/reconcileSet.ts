import type { FieldType } from './fieldType.ts';
import { hasChildren, isMember, type FieldSet, type FieldSetBuilder } from './fieldSet.ts';
import { fieldName, isKey, SELF } from './pathElement.ts';

/**
 * A stored set after its type changed: what is now owned as a whole, and of which the set names parts, is owned as a whole (upstream's
 * `ReconcileFieldSetWithSchema`). The set itself where all is as it was.
 */
export function reconcileSet(set: FieldSet, type: FieldType): FieldSet {
  let result: FieldSetBuilder | undefined;
  for (const element in set) {
    const below = set[element]!;
    if (element === SELF || !hasChildren(below)) continue;
    const next = typeBelow(type, element);
    if (!next || isFreeForm(next)) continue;
    const each = next.map?.atomic || next.list?.atomic ? {} : reconcileChildren(below, next);
    if (each !== below) (result ??= { ...set })[element] = each;
  }
  return result ?? set;
}

function reconcileChildren(node: FieldSet, type: FieldType): FieldSet {
  const each = reconcileSet(node, type);
  return each !== node && isMember(node) && !(SELF in each) ? { [SELF]: {}, ...each } : each;
}

function typeBelow(type: FieldType, element: string): FieldType | undefined {
  const name = fieldName(element);
  if (name !== undefined) return type.map && (type.map.field(name) ?? type.map.values);
  return isKey(element) ? type.list?.items : undefined;
}

const isFreeForm = ({ scalar, map }: FieldType): boolean => scalar !== undefined && map !== undefined;
