import { append, forbidden, invalid, notSupported, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { itemsOf, propertyOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

/** `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` of one node. */
export function validateListSchema(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (mapType !== undefined) {
    append(errors, mustBe('object', schema, `${path}.type`, 'must be object if x-kubernetes-map-type is specified'));
    if (mapType !== 'atomic' && mapType !== 'granular') errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  if (listType !== undefined) {
    const wrongType = mustBe('array', schema, `${path}.type`, 'must be array if x-kubernetes-list-type is specified');
    append(errors, (wrongType.length > 0 || listType !== 'set' ? wrongType : validateSet(schema, path)));
    if (!['atomic', 'set', 'map'].includes(listType)) errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  }
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(`${path}.x-kubernetes-list-type`, detail) : invalid(`${path}.x-kubernetes-list-type`, listType, detail));
  }
  if (listType === 'map') append(errors, validateMap(schema, keys, path));
  const items = itemsOf(schema);
  if (items?.nullable && (listType === 'set' || listType === 'map')) errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  return listType === 'map' && items ? [...errors, ...validateKeyProperties(items, keys, path)] : errors;
}

function mustBe(type: string, schema: JsonSchema, path: string, detail: string): FieldError[] {
  if (schema.type === type) return [];
  return [schema.type ? invalid(path, schema.type, detail) : required(path, detail)];
}

function validateSet(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const itemType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && itemType !== undefined && itemType !== 'atomic') return [invalid(`${path}.items.x-kubernetes-list-type`, itemType, detail)];
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') return [invalid(`${path}.items.x-kubernetes-map-type`, itemType, detail)];
  return [];
}

function validateMap(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemsOf(schema);
  if (keys.length === 0) errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
  else if (!items) errors.push(invalid(`${path}.items`, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'));
  else if (items.type !== 'object') errors.push(invalid(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
  if (items?.type !== 'object') return errors;
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, key);
    if (!property) errors.push(invalid(`${path}.x-kubernetes-list-map-keys`, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    if (keys.indexOf(key) !== index) errors.push(invalid(`${path}.x-kubernetes-list-map-keys`, keys, 'must not contain duplicate entries'));
  }
  return errors;
}

function validateKeyProperties(items: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  return keys.flatMap((key) => {
    const property = propertyOf(items, key);
    if (!property) return [];
    const at = `${path}.items.properties[${key}]`;
    const mayLack = !(items.required ?? []).includes(key) && property.default === undefined;
    return [
      ...(mayLack ? [required(`${at}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property')] : []),
      ...(property.nullable ? [forbidden(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable')] : []),
    ];
  });
}
