import type { CelValue } from './value.ts';
import { Double, Uint } from './scalars.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { ownField } from '../../values/ownField.ts';
import type { ObjectField } from '../types.ts';

/** What tells keys apart: numbers of different types that are equal are one key. Undefined: not the type of a key. */
export function mapKey(value: CelValue): string | number | bigint | boolean | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value.value) : value.value;
  if (value instanceof Double && Number.isInteger(value.value)) return Number.isSafeInteger(value.value) ? value.value + 0 : BigInt(value.value);
  return undefined;
}

/** A map, or an object with fields. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value of a key; undefined where there is none. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): Iterable<CelValue>;

  /** Whether what expressions cannot see is the same as in another. */
  hasSameUnknown(_other: CelMap): boolean {
    return true;
  }
}

/** A map that an expression made. */
export class ValueMap extends CelMap {
  readonly #entries = new Map<string | number | bigint | boolean, { readonly key: CelValue; readonly value: CelValue }>();

  get size(): number {
    return this.#entries.size;
  }

  /** False where the key is there already, or can be none. */
  add(key: CelValue, value: CelValue): boolean {
    const canonical = mapKey(key);
    if (canonical === undefined || this.#entries.has(canonical)) return false;
    this.#entries.set(canonical, { key, value });
    return true;
  }

  get(key: CelValue): CelValue | undefined {
    const canonical = mapKey(key);
    return canonical === undefined ? undefined : this.#entries.get(canonical)?.value;
  }

  *keys(): Iterable<CelValue> {
    for (const { key } of this.#entries.values()) yield key;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Maps of so many entries come from JSON as clients sent it, which has nothing undefined: looking at each would take as long as finding their names. */
const MANY = 1_000;

function namesOf(fields: Fields): readonly string[] {
  const names = Object.keys(fields);
  return names.length > MANY ? names : names.filter((name) => fields[name] !== undefined);
}

/** A map of JSON; values are converted when they are asked for. */
export class JsonMap extends CelMap {
  readonly #fields: Fields;
  readonly #convert: (value: unknown) => CelValue;
  #names: readonly string[] | undefined;

  constructor(fields: Fields, convert: (value: unknown) => CelValue) {
    super();
    this.#fields = fields;
    this.#convert = convert;
  }

  get size(): number {
    return this.#list().length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const value = ownField(this.#fields, key);
    return value === undefined ? undefined : this.#convert(value);
  }

  /** What stands at a key, not converted. */
  raw(key: string): unknown {
    return ownField(this.#fields, key);
  }

  keys(): Iterable<CelValue> {
    return this.#list();
  }

  #list(): readonly string[] {
    this.#names ??= namesOf(this.#fields);
    return this.#names;
  }
}

/** An object of JSON with a declared type: fields bear the names by which expressions call them, and what is not declared is not there. */
export class JsonObject extends CelMap {
  readonly fields: Fields;
  readonly typeName: string;
  readonly #field: (name: string) => ObjectField | undefined;
  readonly #nameOf: (jsonName: string) => string | undefined;
  readonly #convert: (value: unknown, field: ObjectField) => CelValue | undefined;

  constructor(fields: Fields, typeName: string, field: (name: string) => ObjectField | undefined, nameOf: (jsonName: string) => string | undefined, convert: (value: unknown, field: ObjectField) => CelValue | undefined) {
    super();
    this.fields = fields;
    this.typeName = typeName;
    this.#field = field;
    this.#nameOf = nameOf;
    this.#convert = convert;
  }

  get size(): number {
    return [...this.keys()].length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.#field(key);
    if (!field || !Object.hasOwn(this.fields, field.jsonName)) return undefined;
    const value = this.fields[field.jsonName];
    return value === undefined ? undefined : this.#convert(value, field);
  }

  *keys(): Iterable<CelValue> {
    for (const jsonName of Object.keys(this.fields)) {
      const name = this.#nameOf(jsonName);
      if (name !== undefined && this.get(name) !== undefined) yield name;
    }
  }

  override hasSameUnknown(other: CelMap): boolean {
    if (!(other instanceof JsonObject)) return true;
    const unknown = this.#unknown();
    return unknown.length === other.#unknown().length && unknown.every((name) => semanticEqual(this.fields[name], ownField(other.fields, name)));
  }

  /** Fields that the type does not have. */
  #unknown(): readonly string[] {
    return Object.keys(this.fields).filter((jsonName) => this.fields[jsonName] !== undefined && this.#nameOf(jsonName) === undefined);
  }
}
