import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `api/facts/properties.json` says of one property; the meaning of each key stands in `api/facts/README.md`. */
export interface PropertyFacts {
  readonly strategy?: string;
  readonly mergeKey?: string;
  readonly list?: 'atomic' | 'set' | 'map';
  readonly keys?: readonly string[];
  readonly map?: 'atomic';
  readonly struct?: 'atomic' | 'granular';
  readonly default?: unknown;
  readonly go?: string;
  readonly quantity?: boolean;
  readonly format?: string;
  readonly pointer?: boolean;
  readonly zero?: boolean | null;
}

/** One package of OpenAPI definitions. */
export interface PackageFacts {
  readonly group: string;
  readonly names: readonly string[];
}

/** Where the properties of one model stand in its protobuf message; the forms stand in `api/facts/README.md`. */
export type ProtobufFacts = Readonly<Record<string, number | string>>;

/** The tables of `api/facts/`. */
export interface Facts {
  readonly properties: Readonly<Record<string, PropertyFacts>>;
  readonly definitions: Readonly<Record<string, PackageFacts>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly protobuf: Readonly<Record<string, ProtobufFacts>>;
}

export const FACTS_FILES = ['properties.json', 'definitions.json', 'enums.json', 'protobuf.json'] as const;

/** Reads the tables from a folder. */
export function readFacts(folder: string): Facts {
  const [properties, definitions, enums, protobuf] = FACTS_FILES.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown);
  return {
    properties: properties as Facts['properties'],
    definitions: definitions as Facts['definitions'],
    enums: enums as Facts['enums'],
    protobuf: protobuf as Facts['protobuf'],
  };
}

/** Where a model stands in OpenAPI documents and in which group and version. */
export interface DefinitionName {
  readonly definition: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/**
 * Finds the definition of each of client-node's models. Client-node names a type `V1Pod`, and puts the last part of the group in front
 * (`CoreV1Event`) where two groups have the name.
 */
export function definitionNames(modelNames: ReadonlySet<string>, definitions: Facts['definitions']): Map<string, DefinitionName> {
  const found = new Map<string, DefinitionName>();
  for (const [path, { group, names }] of Object.entries(definitions)) {
    const [groupPart, version] = path.split('.').slice(-2) as [string, string];
    for (const name of names) {
      const prefixed = `${capitalised(groupPart)}${capitalised(version)}${name}`;
      const plain = version === 'version' ? 'VersionInfo' : `${capitalised(version)}${name}`;
      const model = modelNames.has(prefixed) ? prefixed : plain;
      if (modelNames.has(model) && !found.has(model)) found.set(model, { definition: `${path}.${name}`, group, version, kind: name });
    }
  }
  return found;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
