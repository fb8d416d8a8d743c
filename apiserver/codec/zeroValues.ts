import type { ModelSchema, PropertySchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { zeroOf } from './decodeValue.ts';

/**
 * Writes, in place, the fields that Kubernetes prints even when they are empty (`resources: {}`, `replicas: 0` of a status, `lastProbeTime: null`, `rules: null`). Meant
 * for an object that was defaulted and validated: defaulting must not take them for something the client sent. With `stored`, empty lists and maps become null, too, as
 * protobuf does not keep them.
 */
export function fillZeroValues(schema: Schema, model: ModelSchema, object: Record<string, unknown>, stored = false): void {
  const { printed, nested } = planOf(schema, model);
  for (const { name, zero, isCollection } of printed) {
    const value = object[name];
    if (value === undefined || (stored && isCollection && isEmptyCollection(value))) object[name] = zero();
  }
  for (const { name, type } of nested) {
    const value = object[name];
    if (value !== undefined) fill(schema, type, value, stored);
  }
}

/** As `fillZeroValues`, for an object of a kind that is shown before it is stored; custom resources have no such fields. */
export function fillZeroValuesOf(schema: Schema, definition: { readonly model: string; readonly custom?: unknown }, object: object): void {
  if (!definition.custom) fillZeroValues(schema, schema.model(definition.model), object as Record<string, unknown>);
}

/** As `fillZeroValues`, for an object of a kind that is about to be stored. */
export function fillStoredZeroValues(schema: Schema, definition: { readonly model: string; readonly custom?: unknown; readonly keepsEmptyLists?: boolean }, object: object): void {
  if (!definition.custom) fillZeroValues(schema, schema.model(definition.model), object as Record<string, unknown>, !definition.keepsEmptyLists);
}

function fill(schema: Schema, type: SchemaType, value: unknown, stored: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.kind === 'model') fillZeroValues(schema, schema.model(type.model), value as Record<string, unknown>, stored);
  else if (type.kind === 'list') for (const item of value as unknown[]) fill(schema, type.items, item, stored);
  else if (type.kind === 'map') for (const each of Object.values(value)) fill(schema, type.values, each, stored);
}

const isEmptyCollection = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** What of a model there is to do: most models have two or three such properties among dozens. */
interface Plan {
  readonly printed: readonly { readonly name: string; readonly zero: () => unknown; readonly isCollection: boolean }[];
  /** Properties somewhere below which there may be printed ones. */
  readonly nested: readonly { readonly name: string; readonly type: SchemaType }[];
}

const plans = new WeakMap<ModelSchema, Plan>();

function planOf(schema: Schema, model: ModelSchema): Plan {
  const known = plans.get(model);
  if (known) return known;
  const properties = Object.entries(model.properties);
  const plan = {
    printed: properties.filter(([, property]) => isPrinted(property)).map(([name, property]) => ({ name, zero: () => printedZero(property), isCollection: property.empty === 'null' && (property.type.kind === 'list' || property.type.kind === 'map') })),
    nested: properties.filter(([, { type }]) => mayPrint(schema, type, new Set())).map(([name, { type }]) => ({ name, type })),
  };
  plans.set(model, plan);
  return plan;
}

/** Whether a value of this type can hold a printed property at any depth; `seen` ends models that hold themselves. */
function mayPrint(schema: Schema, type: SchemaType, seen: Set<string>): boolean {
  if (type.kind === 'list') return mayPrint(schema, type.items, seen);
  if (type.kind === 'map') return mayPrint(schema, type.values, seen);
  if (type.kind !== 'model' || seen.has(type.model)) return false;
  seen.add(type.model);
  return Object.values(schema.model(type.model).properties).some((each) => isPrinted(each) || mayPrint(schema, each.type, seen));
}

/** Whether Kubernetes prints the property where nobody has set it. That a free-form value is none is worth nothing to a reader. */
export const isPrinted = ({ empty, type }: PropertySchema): boolean => empty === 'null' || (empty === 'print' && type.kind !== 'any');

/** What it prints there; a time, list or map that is not set is null. */
export const printedZero = ({ empty, type }: PropertySchema): unknown => (empty === 'null' ? null : zeroOf(type));
