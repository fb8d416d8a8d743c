import { UNTYPED_DEDUCED, type FieldType, type ListForm } from './fieldType.ts';

/** Field types for tests, written down instead of derived. */
export const STRING: FieldType = { scalar: 'string' };
export const NUMBER: FieldType = { scalar: 'numeric' };
export const FREE = UNTYPED_DEDUCED;

export function struct(fields: Readonly<Record<string, FieldType>>, { atomic = false, zeros = {} }: { readonly atomic?: boolean; readonly zeros?: Readonly<Record<string, unknown>> } = {}): FieldType {
  return { map: { atomic, field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined), zeros: new Map(Object.entries(zeros)) } };
}

export const mapOf = (values: FieldType, atomic = false): FieldType => ({ map: { atomic, field: () => undefined, values, zeros: new Map() } });
export const atomicList = (items: FieldType): FieldType => ({ list: { atomic: true, keys: [], items } });
export const setOfItems = (items: FieldType): FieldType => ({ list: { atomic: false, keys: [], items } });
export const listBy = (keys: ListForm['keys'], items: FieldType): FieldType => ({ list: { atomic: false, keys, items } });

const ITEM = struct({ name: STRING, port: NUMBER, protocol: STRING, tags: setOfItems(STRING), limits: mapOf(NUMBER) });

/** Something of everything. */
export const SAMPLE: FieldType = struct({
  text: STRING,
  count: NUMBER,
  labels: mapOf(STRING),
  selector: mapOf(STRING, true),
  whole: struct({ a: STRING, b: STRING }, { atomic: true }),
  part: struct({ a: STRING, b: STRING, deep: struct({ c: STRING }) }),
  words: atomicList(STRING),
  tags: setOfItems(STRING),
  items: listBy([{ name: 'name' }], ITEM),
  ports: listBy([{ name: 'port' }, { name: 'protocol', default: 'TCP' }], ITEM),
  free: FREE,
});

export const f = (name: string): string => `f:${name}`;
