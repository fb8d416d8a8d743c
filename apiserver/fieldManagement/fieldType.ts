import { isRecord } from '../../api/values/isRecord.ts';

/**
 * What field management knows of a type: how a value of it is owned. A value may be allowed several forms (free-form JSON is allowed all three);
 * the value itself then tells which one counts. Built-in kinds derive theirs from the generated schema, custom resources from their structural
 * schema; nothing else in this folder knows where a type comes from.
 */
export interface FieldType {
  readonly scalar?: ScalarForm;
  readonly list?: ListForm;
  readonly map?: MapForm;
}

export type ScalarForm = 'string' | 'numeric' | 'boolean' | 'untyped';

/** A list that is owned as a whole, or item by item. */
export interface ListForm {
  readonly atomic: boolean;
  /** Of a list of maps: the fields that tell its items apart, with what stands for one that is absent. None for a set. */
  readonly keys: readonly { readonly name: string; readonly default?: unknown }[];
  readonly items: FieldType;
}

/** A struct or a map that is owned as a whole, or field by field. */
export interface MapForm {
  readonly atomic: boolean;
  /** The type of a declared field. */
  field(name: string): FieldType | undefined;
  /** The type of every other field; absent where there may be none. */
  readonly values?: FieldType;
  /** Declared fields that are there even when nobody sets them, with their zero values: an empty struct holds them, too. */
  readonly zeros: ReadonlyMap<string, unknown>;
}

export type Form = 'scalar' | 'list' | 'map';

/** Free-form JSON that is owned as a whole. */
export const UNTYPED_ATOMIC: FieldType = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], get items(): FieldType { return UNTYPED_ATOMIC; } },
  map: { atomic: true, field: () => undefined, zeros: new Map(), get values(): FieldType { return UNTYPED_ATOMIC; } },
};

/** Free-form JSON whose maps are owned field by field, and whose lists as a whole. */
export const UNTYPED_DEDUCED: FieldType = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], get items(): FieldType { return UNTYPED_ATOMIC; } },
  map: { atomic: false, field: () => undefined, zeros: new Map(), get values(): FieldType { return UNTYPED_DEDUCED; } },
};

/** The form that a value takes of those that its type allows; undefined where the value does not decide, or is of none of them. */
export function deducedForm(type: FieldType, value: unknown): Form | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return type.list ? 'list' : undefined;
  if (typeof value === 'object') return type.map ? 'map' : undefined;
  return type.scalar ? 'scalar' : undefined;
}

/** The form by which a value is treated, whatever it is. */
export function formOf(type: FieldType, value: unknown): Form {
  return deducedForm(type, value) ?? (type.map ? 'map' : type.scalar ? 'scalar' : 'list');
}

export type Fields = Readonly<Record<string, unknown>>;

/** A value as a map; undefined for null and for what is none. */
export function asMap(value: unknown): Fields | undefined {
  return isRecord(value) ? value : undefined;
}

export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

/** The type of a map's field, declared or not. */
export function fieldTypeOf(map: MapForm, name: string): FieldType | undefined {
  return map.field(name) ?? map.values;
}
