import { isRecord } from '../../api/values/isRecord.ts';
import type { SchemaObject } from './schemaObject.ts';

/** The schemas of a document, by the last part of the references to them. */
export type Definitions = Readonly<Record<string, SchemaObject>>;

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  byte: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
};

/**
 * Where a value is not what a schema of an OpenAPI v3 document says, as `path: fault`; for tests of what is published. Properties that an object's schema
 * does not name are faults. `checkEnums` is false for made-up values.
 */
export function schemaFaults(definitions: Definitions, schema: SchemaObject, value: unknown, path = '', checkEnums = true): string[] {
  const within = (part: SchemaObject, each: unknown, at = path): string[] => schemaFaults(definitions, part, each, at, checkEnums);
  // A pointer that nobody has set.
  if (value === null && (schema.$ref !== undefined || schema.allOf)) return [];
  if (schema.$ref !== undefined) {
    const target = definitions[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)];
    return target ? within(target, value) : [`${path}: ${schema.$ref} is not published`];
  }
  const faults = (schema.allOf ?? []).flatMap((part) => within(part, value));
  if (schema.oneOf && !schema.oneOf.some((part) => within(part, value).length === 0)) faults.push(`${path}: fits no form`);
  if (checkEnums && schema.enum && !schema.enum.includes(value as string)) faults.push(`${path}: ${JSON.stringify(value)} is not in the enum`);
  if (value === null && mayBeNull(schema)) return faults;
  if (schema.type !== undefined && !isOfType(schema.type, value)) return [...faults, `${path}: ${JSON.stringify(value)} is no ${schema.type}`];
  if (typeof value === 'string' && FORMATS[schema.format ?? '']?.test(value) === false) faults.push(`${path}: ${JSON.stringify(value)} is no ${schema.format}`);
  if (Array.isArray(value)) return [...faults, ...value.flatMap((item, index) => (schema.items ? within(schema.items, item, `${path}[${index}]`) : []))];
  if (typeof value !== 'object' || value === null || schema.type !== 'object') return faults;
  faults.push(...(schema.required ?? []).filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name}: is missing`));
  for (const [name, each] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? schema.additionalProperties;
    if (property) faults.push(...within(property, each, `${path}.${name}`));
    // A schema without any is of an object that may hold anything.
    else if (schema.properties) faults.push(`${path}.${name}: is not published`);
  }
  return faults;
}

/** What is not set is printed as null where Kubernetes' type is a time, a list, a map or bytes, though its schema has no word for it. */
const mayBeNull = ({ format, type, additionalProperties }: SchemaObject): boolean =>
  format === 'date-time' || format === 'byte' || type === 'array' || (type === 'object' && additionalProperties !== undefined);

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
