import { goTypeName, type ModelSchema, type PropertySchema, type SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { deepCopy } from '../../api/values/deepCopy.ts';
import { ownField, setField } from '../../api/values/ownField.ts';
import { goPlain, goType } from '../../api/values/goPrint.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { checkElementOrder, liveOrder } from './elementOrder.ts';
import { PatchError } from './jsonPointer.ts';
import { orderMergedList, type ItemKey } from './listOrder.ts';
import { addedValue, badPatchType, badType, DIRECTIVE, deletesFrom, keyIn, MergeError, ordersList, REMOVED, retainKeys, withoutMarked } from './patchDirectives.ts';

type Fields = Record<string, unknown>;

/** How the merge goes on below a field: by its model, or as a map of values. */
interface Rule {
  readonly type: SchemaType;
  readonly property: PropertySchema | undefined;
}

/**
 * Applies a strategic merge patch (upstream's `StrategicMergeMapPatchUsingLookupPatchMeta`): lists with a merge key merge item by item, sets by
 * value, other lists are replaced; the `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` directives are obeyed.
 * Neither argument is changed. Throws `PatchFormatError` (a bad directive), `MergeError` (e.g. an item without its merge key), or `PatchError`
 * (a list of lists).
 */
export function applyStrategicMergePatch(schema: Schema, model: ModelSchema, current: Fields, patch: Fields): Fields {
  return new StrategicMerge(schema).mergeMap(deepCopy(current), deepCopy(patch), { kind: 'model', model: model.name });
}

class StrategicMerge {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** Changes `original` and `patch`, and gives `original` back, or what replaces it. */
  mergeMap(original: Fields, patch: Fields, type: SchemaType): Fields {
    if (Object.hasOwn(patch, DIRECTIVE)) return replacement(patch);
    retainKeys(original, patch);
    this.#mergeOrderedLists(original, patch, type);
    for (const [key, value] of Object.entries(patch)) {
      const deleted = deletesFrom(key);
      this.#mergeField(original, deleted ?? key, value, type, deleted !== undefined);
    }
    return original;
  }

  #mergeField(original: Fields, key: string, value: unknown, type: SchemaType, isDeletion: boolean): void {
    if (value === null) {
      delete original[key];
      return;
    }
    const existing = ownField(original, key);
    if (isRecord(existing) && isRecord(value)) {
      const rule = this.#ruleOf(type, key);
      setField(original, key, strategiesOf(rule).includes('replace') ? value : this.mergeMap(existing, value, rule.type));
    } else if (Array.isArray(existing) && Array.isArray(value)) {
      const rule = this.#ruleOf(type, key);
      const isMerged = isDeletion || strategiesOf(rule).includes('merge');
      setField(original, key, isMerged ? this.#mergeList(existing, value, rule, isDeletion) : value);
    } else if (!isDeletion) {
      const added = addedValue(value);
      if (added === REMOVED) delete original[key];
      else setField(original, key, added);
    }
  }

  /** Handles the lists for which the patch sets an order, and takes them out of it. */
  #mergeOrderedLists(original: Fields, patch: Fields, type: SchemaType): void {
    for (const [directive, wanted] of Object.entries(patch)) {
      const key = ordersList(directive);
      if (key === undefined) continue;
      delete patch[directive];
      if (!Array.isArray(wanted)) throw badType(wanted);
      const [previous, added] = [ownField(original, key), ownField(patch, key)];
      if (previous !== undefined && !Array.isArray(previous)) throw badType(previous);
      if (added !== undefined && !Array.isArray(added)) throw badType(added);
      const rule = this.#ruleOf(type, key);
      const mergeKey = rule.property?.patchMergeKey ?? '';
      checkElementOrder(added ?? [], wanted, mergeKey);
      if (!previous && !added) continue;
      const merged = this.#mergeOrdered(previous, added, rule);
      commonType(previous ?? [], added ?? []);
      if (mergeKey !== '') for (const item of [...merged, ...(wanted as unknown[])]) keyIn(item, mergeKey);
      setField(original, key, orderMergedList({ merged, wanted, previous: mergeKey === '' ? (previous ?? []) : liveOrder(previous ?? [], added ?? [], mergeKey), keyOf: keyOf(mergeKey) }));
      delete patch[key];
    }
  }

  #mergeOrdered(previous: readonly unknown[] | undefined, added: readonly unknown[] | undefined, rule: Rule): readonly unknown[] {
    if (!added) return previous ?? [];
    if (!previous) return withoutMarked(added) as unknown[];
    return strategiesOf(rule).includes('merge') ? this.#mergeList(previous, added, rule, false) : added;
  }

  #mergeList(original: readonly unknown[], patch: readonly unknown[], rule: Rule, isDeletion: boolean): unknown[] {
    if (original.length === 0 && patch.length === 0) return [];
    if (commonType(original, patch) !== 'map[string]interface {}') {
      if (isDeletion) return original.filter(absentFrom(patch));
      return orderMergedList({ merged: [...new Set([...original, ...patch])], wanted: patch, previous: original, keyOf: (item) => item });
    }
    const mergeKey = rule.property?.patchMergeKey;
    if (!mergeKey) throw new MergeError('cannot merge lists without merge key for struct');
    return this.#mergeRecords(original as Fields[], patch as Fields[], mergeKey, rule.type);
  }

  #mergeRecords(original: readonly Fields[], patch: readonly Fields[], mergeKey: string, type: SchemaType): unknown[] {
    const { kept, added } = withDirectives(original, patch, mergeKey);
    const merged = [...kept];
    // Lists can be as long as a body: items are found by their keys, not by looking through the list for each.
    const positions = new Map<unknown, number>();
    for (const [index, each] of merged.entries()) if (!positions.has(comparable(each[mergeKey]))) positions.set(comparable(each[mergeKey]), index);
    for (const item of added) {
      const key = comparable(keyIn(item, mergeKey));
      const index = positions.get(key);
      if (index !== undefined) {
        merged[index] = this.mergeMap(merged[index]!, item, type.kind === 'list' ? type.items : type);
        continue;
      }
      positions.set(key, merged.length);
      merged.push(item);
    }
    for (const item of merged) keyIn(item, mergeKey);
    return orderMergedList({ merged, wanted: added, previous: kept, keyOf: keyOf(mergeKey) });
  }

  #ruleOf(type: SchemaType, key: string): Rule {
    if (type.kind === 'map') return { type: type.values, property: undefined };
    if (type.kind === 'model') {
      const { properties } = this.#schema.model(type.model);
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (property) return { type: property.type, property };
    }
    throw new MergeError(`unable to find api field in struct ${this.#structOf(type)} for the json field ${JSON.stringify(key)}`);
  }

  #structOf(type: SchemaType): string {
    return type.kind === 'model' ? goTypeName(this.#schema.model(type.model)).split('.').at(-1)! : 'RawExtension';
  }
}

/** What the `$patch` of a map makes of what was there. */
function replacement(patch: Fields): Fields {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw badPatchType(directive, patch);
  return rest;
}

/** The items of a list after those of the patch that bear a `$patch` were obeyed, and the items that are left to be merged. */
function withDirectives(original: readonly Fields[], patch: readonly Fields[], mergeKey: string): { readonly kept: readonly Fields[]; readonly added: readonly Fields[] } {
  const added: Fields[] = [];
  const deleted: unknown[] = [];
  let isReplaced = false;
  for (const item of patch) {
    const directive = item[DIRECTIVE];
    if (!Object.hasOwn(item, DIRECTIVE)) added.push(item);
    else if (directive === 'delete') deleted.push(keyIn(item, mergeKey));
    else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') throw new MergeError('merging lists cannot yet be specified in the patch');
    else throw badPatchType(directive, item);
  }
  if (isReplaced) return { kept: added, added: [] };
  const stays = absentFrom(deleted);
  return { kept: deleted.length === 0 ? original : original.filter((each) => stays(each[mergeKey])), added };
}

/** The Go type that all items have. Throws where they differ, and where there are no items. */
function commonType(...lists: readonly (readonly unknown[])[]): string {
  let common: string | undefined;
  for (const item of lists.flat(1)) {
    const type = goType(item);
    if (common === undefined && Array.isArray(item)) throw new PatchError('lists of lists are not supported');
    if (common !== undefined && type !== common) throw new MergeError(`list element types are not identical: ${goPlain(lists)}`);
    common = type;
  }
  if (common === undefined) throw new MergeError('no elements in any of the given slices');
  return common;
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

const strategiesOf = ({ property }: Rule): readonly string[] => property?.patchStrategy?.split(',') ?? [];

const keyOf = (mergeKey: string): ItemKey => (mergeKey === '' ? (item) => item : (item) => (isRecord(item) ? comparable(item[mergeKey]) : undefined));
