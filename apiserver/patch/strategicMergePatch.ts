import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { PatchError } from './jsonPointer.ts';
import { orderMergedList, type ItemKey } from './listOrder.ts';
import { BAD_ELEMENT_ORDER, BAD_PRIMITIVE_LIST, DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, PatchFormatError, REMOVED, isDirectiveKey, retainKeys, withoutDirectives } from './patchDirectives.ts';
import { isRecord } from '../codec/plainObject.ts';

type Fields = Record<string, unknown>;

/** How the merge goes on below a field: by its model, or without one (maps and free-form values). */
interface Rule {
  readonly type: SchemaType | undefined;
  readonly property: PropertySchema | undefined;
}

const FREE: Rule = { type: undefined, property: undefined };

/**
 * Applies a strategic merge patch (upstream's `StrategicMergeMapPatch`): lists with a merge key merge item by item, sets by value, other lists are
 * replaced; the `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` directives are obeyed.
 * Neither argument is changed. Throws `PatchFormatError` (a bad directive) or `PatchError` (an item without its merge key).
 */
export function applyStrategicMergePatch(schema: Schema, model: ModelSchema, current: Fields, patch: Fields): Fields {
  return new StrategicMerge(schema).mergeMap(deepCopy(current), deepCopy(patch), { kind: 'model', model: model.name });
}

class StrategicMerge {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** Changes `original` and gives it back, or what replaces it. */
  mergeMap(original: Fields, patch: Fields, type: SchemaType | undefined): Fields {
    const directive = patch[DIRECTIVE];
    if (directive === 'delete') return {};
    if (directive === 'replace') return withoutDirectives({ ...patch, [DIRECTIVE]: undefined }) as Fields;
    if (directive !== undefined && directive !== 'merge') throw new PatchFormatError(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(patch)}`);
    retainKeys(original, patch);
    const ordered = this.#mergeOrderedLists(original, patch, type);
    for (const [key, value] of Object.entries(patch)) {
      if (key.startsWith(DELETE_FROM_LIST)) deleteScalars(original, key.slice(DELETE_FROM_LIST.length), value);
      else if (!isDirectiveKey(key) && !ordered.has(key)) this.#mergeField(original, key, value, this.#ruleOf(type, key));
    }
    return original;
  }

  #mergeField(original: Fields, key: string, value: unknown, rule: Rule): void {
    if (value === null) {
      delete original[key];
      return;
    }
    const existing = Object.hasOwn(original, key) ? original[key] : undefined;
    const strategies = strategiesOf(rule);
    if (isRecord(existing) && isRecord(value)) {
      setField(original, key, strategies.includes('replace') ? withoutDirectives(value) : this.mergeMap(existing, value, rule.type));
    } else if (Array.isArray(existing) && Array.isArray(value) && strategies.includes('merge')) {
      original[key] = this.#mergeList(existing, value, rule);
    } else {
      setField(original, key, withoutDirectives(value));
    }
  }

  /** Handles the lists for which the patch sets an order, and names them. */
  #mergeOrderedLists(original: Fields, patch: Fields, type: SchemaType | undefined): Set<string> {
    const handled = new Set<string>();
    for (const [directive, wanted] of Object.entries(patch)) {
      if (!directive.startsWith(ELEMENT_ORDER)) continue;
      const key = directive.slice(ELEMENT_ORDER.length);
      if (!Array.isArray(wanted)) throw new PatchFormatError(BAD_ELEMENT_ORDER);
      handled.add(key);
      const previous = Object.hasOwn(original, key) ? original[key] : undefined;
      const added = Object.hasOwn(patch, key) ? patch[key] : undefined;
      const deleted = patch[`${DELETE_FROM_LIST}${key}`];
      if (added === null) {
        delete original[key];
        continue;
      }
      const rule = this.#ruleOf(type, key);
      if (!Array.isArray(previous) && !Array.isArray(added)) continue;
      const before: readonly unknown[] = Array.isArray(previous) ? [...(previous as unknown[])] : [];
      const merged = Array.isArray(added) ? this.#mergeAdded(previous, added, rule) : before;
      const kept = Array.isArray(deleted) ? merged.filter(absentFrom(deleted)) : merged;
      original[key] = orderMergedList({ merged: kept, wanted, previous: before, keyOf: keyOf(rule) });
    }
    return handled;
  }

  #mergeAdded(previous: unknown, added: readonly unknown[], rule: Rule): readonly unknown[] {
    if (Array.isArray(previous) && strategiesOf(rule).includes('merge')) return this.#mergeList(previous, added, rule);
    return withoutDirectives(added) as unknown[];
  }

  #mergeList(original: readonly unknown[], patch: readonly unknown[], rule: Rule): unknown[] {
    const items = [...original, ...patch];
    if (items.some(Array.isArray)) throw new PatchError('lists of lists are not supported');
    const records = items.filter(isRecord).length;
    if (records === 0) return orderMergedList({ merged: [...new Set(items)], wanted: patch, previous: original, keyOf: (item) => item });
    if (records !== items.length) throw new PatchFormatError('list element types are not identical');
    return this.#mergeRecords(original as Fields[], patch as Fields[], rule);
  }

  #mergeRecords(original: readonly Fields[], patch: readonly Fields[], rule: Rule): unknown[] {
    const mergeKey = rule.property?.patchMergeKey;
    if (!mergeKey) throw new PatchError('cannot merge lists without merge key');
    const itemType = rule.type?.kind === 'list' ? rule.type.items : undefined;
    let merged: Fields[] = patch.some((item) => item[DIRECTIVE] === 'replace') ? [] : [...original];
    const added: Fields[] = [];
    const deleted: unknown[] = [];
    for (const item of patch) {
      const directive = item[DIRECTIVE];
      if (directive === undefined) added.push(item);
      else if (directive === 'delete') deleted.push(keyIn(item, mergeKey));
      else if (directive === 'merge') throw new PatchFormatError('merging lists cannot yet be specified in the patch');
      else if (directive !== 'replace') throw new PatchFormatError(`unknown patch type: ${JSON.stringify(directive)} in map: ${JSON.stringify(item)}`);
    }
    if (deleted.length > 0) {
      const stays = absentFrom(deleted);
      merged = merged.filter((each) => stays(each[mergeKey]));
    }
    // Lists can be as long as a body: items are found by their keys, not by looking through the list for each.
    const positions = new Map<unknown, number>();
    for (const [index, each] of merged.entries()) if (!positions.has(comparable(each[mergeKey]))) positions.set(comparable(each[mergeKey]), index);
    for (const item of added) {
      const key = comparable(keyIn(item, mergeKey));
      const index = positions.get(key);
      if (index !== undefined) {
        merged[index] = this.mergeMap(merged[index]!, item, itemType);
        continue;
      }
      positions.set(key, merged.length);
      merged.push(withoutDirectives(item) as Fields);
    }
    return orderMergedList({ merged, wanted: added, previous: original, keyOf: keyOf(rule) });
  }

  #ruleOf(type: SchemaType | undefined, key: string): Rule {
    if (type?.kind === 'model') {
      const properties = this.#schema.model(type.model).properties;
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return property ? { type: property.type, property } : FREE;
    }
    return type?.kind === 'map' ? { type: type.values, property: undefined } : FREE;
  }
}

/** Something that is the same for equal values: scalars themselves, anything else as text. */
function comparable(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** Tells of a value whether no equal one is in the list. */
function absentFrom(values: readonly unknown[]): (value: unknown) => boolean {
  const found = new Set(values.map(comparable));
  return (value) => !found.has(comparable(value));
}

function strategiesOf(rule: Rule): readonly string[] {
  return rule.property?.patchStrategy?.split(',') ?? [];
}

function keyOf(rule: Rule): ItemKey {
  const mergeKey = rule.property?.patchMergeKey;
  return mergeKey ? (item) => (isRecord(item) ? item[mergeKey] : undefined) : (item) => item;
}

function keyIn(item: Fields, mergeKey: string): unknown {
  if (!(mergeKey in item)) throw new PatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  return item[mergeKey];
}

function deleteScalars(original: Fields, key: string, values: unknown): void {
  if (!Array.isArray(values)) throw new PatchFormatError(BAD_PRIMITIVE_LIST);
  const existing = original[key];
  const gone = new Set<unknown>(values);
  if (Array.isArray(existing)) original[key] = existing.filter((item) => !gone.has(item));
}

function setField(object: Fields, key: string, value: unknown): void {
  if (value === REMOVED) delete object[key];
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
