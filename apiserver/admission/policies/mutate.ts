import { NotJsonError, toJson } from '../../../api/cel/toJson.ts';
import { CelList } from '../../../api/cel/values/list.ts';
import { CelMap, JsonObject } from '../../../api/cel/values/map.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import { deepCopy } from '../../../api/values/deepCopy.ts';
import { asList, asMap, type Fields, type FieldType } from '../../fieldManagement/fieldType.ts';
import { mergeObjects } from '../../fieldManagement/mergeObjects.ts';
import { faultsMessage, typeFaults } from '../../fieldManagement/validateTyped.ts';
import { applyJsonPatch } from '../../patch/jsonPatch.ts';
import { PatchError, PatchTestError } from '../../patch/jsonPointer.ts';

/** A mutation cannot be made of this object: what becomes of the request is a matter of the failure policy. */
export class MutationError extends Error {}

/** The object with an apply configuration laid over it, as by a server-side apply that owns nothing. Throws a `MutationError`. */
export function applyConfigured(type: FieldType, object: Fields, configuration: CelValue): unknown {
  checkTypeNames(configuration);
  const patch = { ...(jsonOf(configuration, '') as Fields), apiVersion: object['apiVersion'], kind: object['kind'] };
  const faults = typeFaults(type, patch);
  if (faults.length > 0) throw new MutationError(`error applying patch: failed to convert patch object to typed object: ${faultsMessage(faults)}`);
  const atomic = atomicParts(type, patch, '');
  if (atomic.length > 0) throw new MutationError(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`);
  return deepCopy(mergeObjects(type, object, patch));
}

/** The object with a JSON patch applied to it; the object itself where one of its tests fails. Throws a `MutationError`. */
export function jsonPatched(object: Fields, operations: CelValue): unknown {
  const patch = operations instanceof CelList ? operations.toArray().map(operationOf) : [];
  try {
    return applyJsonPatch(object, patch);
  } catch (error) {
    if (error instanceof PatchTestError) return object;
    if (error instanceof PatchError) throw new MutationError(`JSON Patch: ${error.message}`);
    throw error;
  }
}

function operationOf(operation: CelValue): Fields {
  if (!(operation instanceof CelMap)) throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  const value = operation.get('value');
  if (value instanceof JsonObject && value.typeName.startsWith('Object')) checkTypeNames(value);
  const from = operation.get('from');
  const text = (name: string): string => {
    const given = operation.get(name);
    return typeof given === 'string' ? given : '';
  };
  return { op: text('op'), path: text('path'), ...(typeof from === 'string' && from !== '' ? { from } : {}), ...(value === undefined ? {} : { value: jsonOf(value, 'JSONPath valueExpression evaluated to a type that could not marshal to JSON: ') }) };
}

function jsonOf(value: CelValue, introduction: string): unknown {
  try {
    return toJson(value);
  } catch (error) {
    if (error instanceof NotJsonError) throw new MutationError(`${introduction}${error.message}`);
    throw error;
  }
}

/** Objects are made under the names of the places where they stand: `Object.spec` at `spec`. Lists and maps between them have no name of their own. */
function checkTypeNames(value: CelValue): void {
  const faults: string[] = [];
  if (value instanceof JsonObject) collectMisnamed(value, value.typeName, faults);
  if (faults.length > 0) throw new MutationError(`type mismatch: ${faults.join('\n')}`);
}

function collectMisnamed(value: CelValue, path: string, faults: string[]): void {
  const isMade = value instanceof JsonObject && value.typeName.startsWith('Object');
  if (isMade && value.typeName !== path) faults.push(`unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`);
  if (value instanceof CelList) for (const item of value) collectMisnamed(item, path, faults);
  if (!(value instanceof CelMap)) return;
  for (const key of value.keys()) {
    const field = value.get(key);
    if (field !== undefined) collectMisnamed(field, isMade && typeof key === 'string' ? `${path}.${key}` : path, faults);
  }
}

/** Where a configuration says something of what is owned as a whole: it would take away what it does not say. */
function atomicParts(type: FieldType, value: unknown, path: string): string[] {
  const parts: string[] = [];
  const [fields, items] = [type.map && asMap(value), type.list && asList(value)];
  if (fields) {
    if (type.map!.atomic) parts.push(path);
    for (const name of Object.keys(fields)) {
      const field = type.map!.field(name);
      if (field) parts.push(...atomicParts(field, fields[name], `${path}.${name}`));
    }
  }
  if (items) {
    if (type.list!.atomic) parts.push(path);
    for (const [index, item] of items.entries()) parts.push(...atomicParts(type.list!.items, item, `${path}[${index}]`));
  }
  return parts;
}
