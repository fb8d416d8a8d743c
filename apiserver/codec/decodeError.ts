import { goTypeName, type ModelSchema, type PropertySchema, type SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { jsonKind } from '../../api/values/goPrint.ts';

/** A value does not fit its field; the message is the one Go's decoder gives. */
export class DecodeTypeError extends Error {
  /** What Kubernetes' converter from plain maps says of the same fault; strategic merge patches go that way. */
  readonly conversion: string;

  constructor(message: string, conversion = message) {
    super(message);
    this.conversion = conversion;
  }
}

/** The kind of a Go type, as `reflect` names it. */
export type GoKind = 'struct' | 'slice' | 'map' | 'string' | 'bool' | 'int32' | 'int64' | 'float64';

/** Where a value stands: the struct type and the path of field names from the root, as Go's decoder tracks them. */
export interface FieldContext {
  /** Name of the innermost Go struct, '' at the root. */
  readonly struct: string;
  /** e.g. `spec.containers`: names only, no indexes. */
  readonly fields: string;
}

export const ROOT: FieldContext = { struct: '', fields: '' };

/** `json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container`. */
export function typeError(value: unknown, goType: string, goKind: GoKind, at: FieldContext): DecodeTypeError {
  const target = at.struct === '' ? 'value' : `struct field ${at.struct}.${at.fields}`;
  return new DecodeTypeError(`json: cannot unmarshal ${jsonKind(value)} into Go ${target} of type ${goType}`, conversionError(value, goKind));
}

function conversionError(value: unknown, goKind: GoKind): string {
  const actual = goKindOf(value);
  if (goKind === 'struct') return `cannot restore struct from: ${actual}`;
  if (goKind === 'slice' || goKind === 'map') return `cannot restore ${goKind} from ${actual}`;
  const isNumber = actual === 'int64' || actual === 'float64';
  return isNumber && goKind !== 'bool' ? `cannot convert ${actual} to ${goKind}` : `unrecognized type: ${goKind}`;
}

function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}

/** The Go name of a type, for messages; `property` is given where the type is a property's own and not an item's. */
export function goNameOf(schema: Schema, type: SchemaType, property?: PropertySchema): string {
  if (property?.goType) return property.goType.replace(/\w+\.(\w+\.\w+)/g, '$1');
  switch (type.kind) {
    case 'model':
      return goTypeName(schema.model(type.model));
    case 'list':
      return `[]${goNameOf(schema, type.items)}`;
    case 'map':
      return `map[string]${goNameOf(schema, type.values)}`;
    case 'boolean':
      return 'bool';
    case 'integer':
      return type.format ?? 'int32';
    case 'number':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'quantity':
      return 'resource.Quantity';
    default:
      return 'string';
  }
}

/** The bare name of a model's Go struct. */
export function structName(model: ModelSchema): string {
  return model.definition.slice(model.definition.lastIndexOf('.') + 1);
}
