import type { FieldType } from './fieldType.ts';
import { EMPTY, hasChildren, isMember, type FieldSet, type FieldSetBuilder } from './fieldSet.ts';
import { fieldName, isKey, SELF } from './pathElement.ts';

/**
 * The set with every declared field that lies on the way to a member as a member, too (upstream's `EnsureNamedFieldsAreMembers`): a struct whose
 * last owned field goes, goes with it.
 */
export function withNamedFields(set: FieldSet, type: FieldType | undefined): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element in set) {
    if (element === SELF) continue;
    const below = set[element]!;
    const name = fieldName(element);
    const declared = name === undefined ? undefined : type?.map?.field(name);
    const next = name === undefined ? (isKey(element) ? type?.list?.items : undefined) : (declared ?? type?.map?.values);
    const children = hasChildren(below) ? withNamedFields(below, next) : EMPTY;
    result[element] = isMember(below) || declared ? (hasChildren(children) ? { [SELF]: {}, ...children } : {}) : children;
  }
  return result;
}
