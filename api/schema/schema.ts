import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DescriptionsFile, GroupVersionKind, ModelSchema, PropertySchema, SchemaFile } from './model.ts';

/** What a decoder, a patch or a document needs to look models up; custom resources will bring their own. */
export interface Schema {
  /** e.g. `1.36`. */
  readonly kubernetes: string;
  readonly models: ReadonlyMap<string, ModelSchema>;
  /** The model of this name (`V1Pod`); throws when there is none, which is a fault of the caller. */
  model(name: string): ModelSchema;
  /** The model of this OpenAPI name (`io.k8s.api.core.v1.Pod`). */
  byDefinition(definition: string): ModelSchema | undefined;
  byKind(group: string, version: string, kind: string): ModelSchema | undefined;
  /**
   * The property at a path of JSON names (`spec.containers.name`); lists and maps are walked through, a map's keys are not named.
   */
  property(modelName: string, path: string): PropertySchema | undefined;
  /** Descriptions are read anew on every call, and are the caller's to forget: they take several times the memory of the schema. */
  descriptions(): DescriptionsFile;
}

const loaded = new Map<string, Schema>();

/** Loads the schema from its folder; a second call for the same folder is free. */
export function loadSchema(folder: string = generatedFolder()): Schema {
  const key = resolve(folder);
  const existing = loaded.get(key);
  if (existing) return existing;
  const file = JSON.parse(readFileSync(join(key, 'schema.json'), 'utf8')) as SchemaFile;
  const schema = createSchema(file, () => JSON.parse(readFileSync(join(key, 'descriptions.json'), 'utf8')) as DescriptionsFile);
  loaded.set(key, schema);
  return schema;
}

/** A schema over a parsed file. */
export function createSchema(file: SchemaFile, descriptions: () => DescriptionsFile): Schema {
  const models = new Map<string, ModelSchema>();
  const definitions = new Map<string, ModelSchema>();
  const kinds = new Map<string, ModelSchema>();
  for (const [name, fields] of Object.entries(file.models)) {
    const model: ModelSchema = { name, ...fields };
    models.set(name, model);
    definitions.set(model.definition, model);
    if (model.groupVersionKind) kinds.set(kindKey(model.groupVersionKind), model);
  }
  const model = (name: string): ModelSchema => {
    const found = models.get(name);
    if (!found) throw new Error(`the schema has no model ${name}`);
    return found;
  };
  return {
    kubernetes: file.kubernetes,
    models,
    model,
    byDefinition: (definition) => definitions.get(definition),
    byKind: (group, version, kind) => kinds.get(kindKey({ group, version, kind })),
    property: (modelName, path) => propertyAt(model, modelName, path.split('.')),
    descriptions,
  };
}

/**
 * The folder with `schema.json`: beside the program that was started (a build), or `api/generated` of the repository it was started in.
 */
export function generatedFolder(program: string = process.argv[1] ?? process.cwd()): string {
  for (let folder = resolve(program); ; folder = dirname(folder)) {
    for (const candidate of [folder, join(folder, 'api', 'generated')]) {
      if (existsSync(join(candidate, 'schema.json'))) return candidate;
    }
    if (folder === dirname(folder)) break;
  }
  throw new Error(`no schema.json above ${program}: run "node api/generate/main.ts" in the repository, or build`);
}

function kindKey(kind: GroupVersionKind): string {
  return `${kind.group}/${kind.version}/${kind.kind}`;
}

function propertyAt(model: (name: string) => ModelSchema, modelName: string, path: readonly string[]): PropertySchema | undefined {
  const property = model(modelName).properties[path[0] ?? ''];
  if (!property || path.length === 1) return property;
  let type = property.type;
  while (type.kind === 'list' || type.kind === 'map') type = type.kind === 'list' ? type.items : type.values;
  return type.kind === 'model' ? propertyAt(model, type.model, path.slice(1)) : undefined;
}
