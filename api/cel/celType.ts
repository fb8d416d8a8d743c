import type { CelType, ObjectField, ObjectType, PrimitiveKind } from './types.ts';

const primitive = (kind: PrimitiveKind): CelType => ({ kind });

export const DYN = primitive('dyn');
/** As `DYN`, for a value that is no list and no map (cel-go's `any`). */
export const ANY: CelType = { kind: 'dyn', isAny: true };
export const BOOL = primitive('bool');
export const INT = primitive('int');
export const UINT = primitive('uint');
export const DOUBLE = primitive('double');
export const STRING = primitive('string');
export const BYTES = primitive('bytes');
export const NULL = primitive('null');
export const TIMESTAMP = primitive('timestamp');
export const DURATION = primitive('duration');
/** What a faulty part of an expression has; nothing else is reported of it. */
export const ERROR = primitive('error');

export const listOf = (element: CelType, maxElements?: number): CelType => ({ kind: 'list', element, ...(maxElements === undefined ? {} : { maxElements }) });
export const mapOf = (key: CelType, value: CelType, maxElements?: number): CelType => ({ kind: 'map', key, value, ...(maxElements === undefined ? {} : { maxElements }) });
export const opaque = (name: string, ...parameters: readonly CelType[]): CelType => ({ kind: 'opaque', name, parameters });
export const optionalOf = (of: CelType): CelType => opaque('optional_type', of);
export const typeOfType = (of?: CelType): CelType => ({ kind: 'type', ...(of ? { of } : {}) });
export const parameter = (name: string): CelType => ({ kind: 'parameter', name });

/** An object type with fields by the name that both JSON and expressions use. */
export function objectType(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  const known = new Map<string, ObjectField>(Object.entries(fields).map(([jsonName, type]) => [jsonName, { type, jsonName }]));
  return { kind: 'object', name, field: (each) => known.get(each), maxElements: 0 };
}

export const isOptional = (type: CelType): type is CelType & { readonly kind: 'opaque' } => type.kind === 'opaque' && type.name === 'optional_type';
export const isDyn = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'error';

/** A type as cel-go's messages show it, e.g. `map(string, list(int))`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'object':
    case 'parameter':
      return type.name;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'type':
      return type.of ? `type(${formatType(type.of)})` : 'type';
    case 'error':
      return '!error!';
    case 'dyn':
      return type.isAny ? 'any' : 'dyn';
    default:
      return type.kind;
  }
}

/** Whether both are exactly the same type. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'list') return sameType(a.element, (b as typeof a).element);
  if (a.kind === 'map') return sameType(a.key, (b as typeof a).key) && sameType(a.value, (b as typeof a).value);
  if (a.kind === 'object' || a.kind === 'parameter') return a.name === (b as typeof a).name;
  if (a.kind === 'type') return sameType(a.of ?? DYN, (b as typeof a).of ?? DYN);
  if (a.kind === 'opaque') return a.name === (b as typeof a).name && a.parameters.every((each, index) => sameType(each, (b as typeof a).parameters[index] ?? ERROR));
  return true;
}
