import type { DescriptionsFile, ModelSchema, PropertySchema, ScalarKind, SchemaFile, SchemaType } from '../schema/model.ts';
import { definitionNames, type Facts, type PropertyFacts } from './facts.ts';
import type { Model, ModelProperty } from './models.ts';

/** Every object of its own describes its `kind` with this sentence of the API conventions; references to objects do not. */
const OBJECT_KIND_MARK = 'Kind is a string value representing the REST resource this object represents';

/** The compact schema: models that Kubernetes still has, with what `api/facts` knows of them. Client-node's leftovers of older versions are left out. */
export function emitSchema(models: readonly Model[], facts: Facts, kubernetes: string): SchemaFile {
  const names = definitionNames(new Set(models.map((model) => model.name)), facts.definitions);
  const emitted: Record<string, Omit<ModelSchema, 'name'>> = {};
  for (const model of models) {
    const name = names.get(model.name);
    if (!name) continue;
    const isKind = model.properties.some((property) => property.name === 'kind' && property.description.startsWith(OBJECT_KIND_MARK));
    const own = facts.properties[model.name];
    emitted[model.name] = {
      definition: name.definition,
      ...(isKind ? { groupVersionKind: { group: name.group, version: name.version, kind: name.kind } } : {}),
      ...(own?.struct ? { structType: own.struct } : {}),
      properties: Object.fromEntries(model.properties.map((property) => [property.name, propertySchema(model, property, facts)])),
    };
  }
  return { kubernetes, models: emitted };
}

/** The descriptions of the same models, apart: only OpenAPI needs them. */
export function emitDescriptions(models: readonly Model[], schema: SchemaFile): DescriptionsFile {
  const described: Record<string, Record<string, string>> = {};
  for (const model of models) {
    if (!schema.models[model.name]) continue;
    const entries = model.properties.filter((property) => property.description !== '').map((property): [string, string] => [property.name, plainText(property.description)]);
    described[model.name] = Object.fromEntries([['', plainText(model.description)], ...entries]);
  }
  return described;
}

function propertySchema(model: Model, property: ModelProperty, facts: Facts): PropertySchema {
  const known = facts.properties[`${model.name}.${property.name}`] ?? {};
  const type = parseType(property.type, known.format ?? property.format, known);
  const values = enumOf(type, known, facts);
  const protobuf = facts.protobuf[model.name]?.[property.name];
  return {
    type,
    ...(property.required ? { required: true } : {}),
    ...(values ? { enum: values } : {}),
    ...('default' in known ? { default: known.default } : {}),
    ...(known.strategy ? { patchStrategy: known.strategy } : {}),
    ...(known.mergeKey ? { patchMergeKey: known.mergeKey } : {}),
    ...(known.list ? { listType: known.list } : {}),
    ...(known.keys ? { listMapKeys: known.keys } : {}),
    ...(known.map ? { mapType: known.map } : {}),
    ...(known.struct ? { structType: known.struct } : {}),
    ...(known.go ? { goType: known.go } : {}),
    ...(protobuf === undefined ? {} : { protobuf }),
    empty: emptyRule(property, type, known),
  };
}

function emptyRule(property: ModelProperty, { kind }: SchemaType, known: PropertyFacts): PropertySchema['empty'] {
  const isMetadata = property.type === 'V1ObjectMeta' || property.type === 'V1ListMeta';
  // Go's zero value of a list, a map or bytes is nil.
  const isNilable = kind === 'list' || kind === 'map' || kind === 'bytes';
  if (known.zero === null) return 'null';
  if (known.zero ?? (isMetadata || property.required)) return isNilable ? 'null' : 'print';
  return known.pointer ? 'explicit' : 'omit';
}

function enumOf(type: SchemaType, known: PropertyFacts, facts: Facts): readonly string[] | undefined {
  if (!known.go || (type.kind !== 'string' && type.kind !== 'list')) return undefined;
  return facts.enums[known.go.replace(/^\[\]/, '')];
}

/** Reads client-node's type text (`Array<V1Container>`, `{ [key: string]: string; }`). The format is that of the innermost type. */
export function parseType(text: string, format: string, known: Pick<PropertyFacts, 'quantity'> = {}): SchemaType {
  const list = /^Array<(.*)>$/.exec(text);
  if (list) return { kind: 'list', items: parseType(list[1]!, format, known) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(text);
  if (map) return { kind: 'map', values: parseType(map[1]!, format, known) };
  return scalarType(text, format, known) ?? { kind: 'model', model: text };
}

function scalarType(text: string, format: string, known: Pick<PropertyFacts, 'quantity'>): SchemaType | undefined {
  switch (text) {
    case 'string':
      if (known.quantity) return { kind: 'quantity' };
      return { kind: format === 'byte' ? 'bytes' : 'string' };
    case 'number': {
      const kind: ScalarKind = format === 'double' ? 'number' : 'integer';
      return format === '' ? { kind } : { kind, format };
    }
    case 'boolean':
      return { kind: 'boolean' };
    case 'Date':
      return { kind: 'time' };
    case 'V1MicroTime':
      return { kind: 'microTime' };
    case 'IntOrString':
      return { kind: 'intOrString' };
    case 'any':
      return { kind: 'any' };
    default:
      return undefined;
  }
}

/** Client-node's comments are escaped for JavaScript strings and for HTML. */
function plainText(text: string): string {
  return text
    .replace(/\\(['"`\\])/g, '$1')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
