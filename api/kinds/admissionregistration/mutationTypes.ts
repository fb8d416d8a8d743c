import { DYN, listOf, objectType, STRING } from '../../cel/celType.ts';
import type { CelType, ObjectType } from '../../cel/types.ts';

/** A part of the object as a mutation writes it, `Object.spec.template`: fields of any name, whose types are those of what they are given. */
const part = (name: string): ObjectType => ({ kind: 'object', name, field: (field) => ({ type: DYN, jsonName: field }) });

/** What a mutation of the type `ApplyConfiguration` gives. */
export const APPLY_CONFIGURATION: CelType = part('Object');

const OPERATION = objectType('JSONPatch', { op: STRING, path: STRING, from: STRING, value: DYN });

/** What a mutation of the type `JSONPatch` gives. */
export const JSON_PATCH: CelType = listOf(OPERATION);

/** The objects that mutations may make (upstream's `DynamicTypeResolver`). */
export function mutationTypes(name: string): ObjectType | undefined {
  if (name === OPERATION.name) return OPERATION;
  return name === 'Object' || name.startsWith('Object.') ? part(name) : undefined;
}
