import { setField } from '../../api/values/ownField.ts';
import { readGoDuration } from '../../process/goDuration.ts';
import { DecodeTypeError, type FieldContext, ROOT, typeError } from '../codec/decodeError.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { decodeScalar } from '../codec/scalar.ts';

/** How a part of a configuration file looks; durations are given as Go writes them and become milliseconds. */
export type ConfigShape =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'duration'
  /** What is read by somebody else. */
  | 'any'
  /** A text whose Go type has this name. */
  | { readonly text: string }
  | { readonly list: ConfigShape }
  | StructShape;

export interface StructShape {
  /** The Go struct, for messages: `AuthorizerConfiguration`. */
  readonly struct: string;
  readonly fields: Readonly<Record<string, ConfigShape>>;
}

/** Plain data that has its shape, and the fields that it had beyond it: `unknown field "a[0].b"`. */
export interface ShapedValue {
  readonly value: Record<string, unknown>;
  readonly unknown: readonly string[];
}

/** Reads plain data by a shape, as Go reads it: `null` counts as absent, and as nothing of its kind within a list. `version` is that of the file. Throws a DecodeTypeError. */
export function readShape(value: unknown, shape: StructShape, version: string): ShapedValue {
  const unknown: string[] = [];
  const reader = new ShapeReader(version, unknown);
  return { value: reader.struct(value, shape, '', ROOT), unknown };
}

class ShapeReader {
  readonly #version: string;
  readonly #unknown: string[];

  constructor(version: string, unknown: string[]) {
    this.#version = version;
    this.#unknown = unknown;
  }

  /** `path` is with indexes, for unknown fields; `at` is without, for type errors. */
  struct(value: unknown, shape: StructShape, path: string, at: FieldContext): Record<string, unknown> {
    if (!isRecord(value)) throw typeError(value, this.#nameOf(shape), 'struct', at);
    const read: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) {
      const part = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
      if (part === undefined) this.#unknown.push(`unknown field ${JSON.stringify(path + key)}`);
      else if (each !== null && each !== undefined) setField(read, key, this.#part(each, part, path + key, { struct: shape.struct, fields: at.fields === '' ? key : `${at.fields}.${key}` }));
    }
    return read;
  }

  #part(value: unknown, shape: ConfigShape, path: string, at: FieldContext): unknown {
    if (shape === 'any') return value;
    if (shape === 'duration') return readDuration(value);
    if (shape === 'string' || shape === 'boolean') return decodeScalar(value, shape, undefined, () => this.#nameOf(shape), at);
    if (shape === 'int32') return decodeScalar(value, 'integer', shape, () => shape, at);
    if ('text' in shape) return decodeScalar(value, 'string', undefined, () => this.#nameOf(shape), at);
    if ('struct' in shape) return this.struct(value, shape, `${path}.`, at);
    if (!Array.isArray(value)) throw typeError(value, this.#nameOf(shape), 'slice', at);
    return value.map((each, index) => (each === null ? nothingOf(shape.list) : this.#part(each, shape.list, `${path}[${index}]`, at)));
  }

  #nameOf(shape: ConfigShape): string {
    if (shape === 'boolean') return 'bool';
    if (typeof shape === 'string') return shape;
    if ('list' in shape) return `[]${this.#nameOf(shape.list)}`;
    return `${this.#version}.${'text' in shape ? shape.text : shape.struct}`;
  }
}

const NOTHING = { any: null, string: '', boolean: false, int32: 0, duration: 0 } as const;

function nothingOf(shape: ConfigShape): unknown {
  if (typeof shape === 'object') return 'text' in shape ? '' : 'list' in shape ? [] : {};
  return NOTHING[shape];
}

function readDuration(value: unknown): number {
  const found = readGoDuration(decodeScalar(value, 'string', undefined, () => 'string', ROOT) as string);
  if (typeof found === 'string') throw new DecodeTypeError(found);
  return found;
}
