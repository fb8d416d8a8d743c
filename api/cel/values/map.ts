import type { CelValue } from './value.ts';
import { Double, Uint } from './scalars.ts';
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
    if (typeof key !== 'string' || !Object.hasOwn(this.#fields, key) || this.#fields[key] === undefined) return undefined;
    return this.#convert(this.#fields[key]);
  }

  keys(): Iterable<CelValue> {
    return this.#list();
  }

  #list(): readonly string[] {
    return (this.#names ??= Object.keys(this.#fields).filter((name) => this.#fields[name] !== undefined));
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
}
