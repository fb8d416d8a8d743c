import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { DescriptionsFile, GroupVersionKind, ModelSchema, SchemaType } from '../../api/schema/model.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { ServedResource } from '../registry.ts';
import { customSchemas } from './customSchemas.ts';
import { modelSchema, valueSchemas, type Dialect, type SchemaObject } from './schemaObject.ts';

/** Models that every group has, whether or not an object of its own refers to them. */
const EVERYWHERE = ['V1ObjectMeta', 'V1ListMeta', 'V1DeleteOptions', 'V1Status', 'V1WatchEvent', 'V1APIResourceList', 'V1APIGroup'];
/** Of these, those that come in the group and version of whatever they are sent to. */
const IN_EVERY_GROUP = new Set(['V1DeleteOptions', 'V1WatchEvent']);

/** The schemas of all models that the resources use, by definition name, sorted. */
export function definitionsFor(schema: Schema, descriptions: DescriptionsFile, resources: readonly ServedResource[], dialect: Dialect): Record<string, SchemaObject> {
  const found: [string, SchemaObject][] = Object.entries(valueSchemas(dialect));
  for (const name of reachableModels(schema, resources)) {
    const model = schema.model(name);
    const object = modelSchema(model, describe(model, descriptions, dialect), dialect, (each) => schema.model(each).definition);
    if (IN_EVERY_GROUP.has(name)) object['x-kubernetes-group-version-kind'] = kindInEveryGroup(resources, model.groupVersionKind?.kind ?? '');
    found.push([model.definition, object]);
  }
  for (const served of resources) if (served.definition.custom) found.push(...customSchemas(served, dialect));
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Kubernetes' sentences on what every object and every list has. */
const METADATA: Readonly<Record<string, string>> = {
  V1ObjectMeta: "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  V1ListMeta: 'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
};

/**
 * A model's descriptions. The source of the schema has none for properties that are whole models: there the model's own stands in, in v2. Clients of v3
 * look it up by themselves, and would show it twice.
 */
function describe(model: ModelSchema, descriptions: DescriptionsFile, dialect: Dialect): Readonly<Record<string, string>> {
  const own = descriptions[model.name] ?? {};
  const more: Record<string, string> = {};
  for (const [name, { type }] of Object.entries(model.properties)) {
    if (own[name] || type.kind !== 'model') continue;
    const text = name === 'metadata' ? METADATA[type.model] : undefined;
    const found = text ?? (dialect === 'v2' ? descriptions[type.model]?.[''] : undefined);
    if (found) more[name] = found;
  }
  return { ...own, ...more };
}

function kindInEveryGroup(resources: readonly ServedResource[], kind: string): GroupVersionKind[] {
  const versions = new Map(resources.map(({ definition: { group, version } }) => [apiVersionOf({ group, version }), { group, version, kind }]));
  return [...versions.values()];
}

/** Names of the models of the resources, their lists and subresources, and of everything that these refer to. */
function reachableModels(schema: Schema, resources: readonly ServedResource[]): Set<string> {
  const reached = new Set<string>();
  const pending = [...EVERYWHERE];
  for (const { definition, subresources } of resources) {
    if (!definition.custom) pending.push(definition.model);
    const { group, version, kind } = definition;
    for (const each of [{ group, version, kind: `${kind}List` }, ...subresources.map((sub) => sub.kind)]) {
      const model = schema.byKind(each.group, each.version, each.kind);
      if (model) pending.push(model.name);
    }
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const model = schema.models.get(name);
    if (!model || reached.has(name)) continue;
    reached.add(name);
    for (const property of Object.values(model.properties)) {
      const referred = modelOf(property.type);
      if (referred !== undefined) pending.push(referred);
    }
  }
  return reached;
}

function modelOf(type: SchemaType): string | undefined {
  let inner = type;
  while (inner.kind === 'list' || inner.kind === 'map') inner = inner.kind === 'list' ? inner.items : inner.values;
  return inner.kind === 'model' ? inner.model : undefined;
}
