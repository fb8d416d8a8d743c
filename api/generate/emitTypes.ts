import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts, PropertyFacts } from './facts.ts';
import type { Model, ModelProperty } from './models.ts';

const HEADER = `// Generated from @kubernetes/client-node by api/generate/main.ts. Do not edit.
import type { ListMeta, NamespacedMeta, ObjectMeta, ObjectMetaDraft } from '../meta.ts';
`;

const SCALARS: Readonly<Record<string, string>> = {
  Date: 'string',
  V1MicroTime: 'string',
  IntOrString: 'number | string',
  any: 'unknown',
};

/** The TypeScript interfaces of all models, in terms of JSON: times are strings, byte arrays base64 strings. */
export function emitTypes(models: readonly Model[], namespacedModels: ReadonlySet<string>, facts: Facts['properties']): string {
  const bodies = models.filter((model) => !['V1ObjectMeta', 'V1ListMeta', 'V1MicroTime'].includes(model.name)).map((model) => emitInterface(model, namespacedModels, facts));
  return [HEADER, ...bodies].join('\n');
}

/**
 * The models of namespaced kinds, told by the `createNamespaced…` calls that client-node has for them.
 */
export function readNamespacedModels(genFolder: string): Set<string> {
  const folder = join(genFolder, 'apis');
  const found = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('Api.d.ts'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const match of text.matchAll(/createNamespaced\w+\((?:name: string, )?namespace: string, body: (\w+)/g)) found.add(match[1]!);
  }
  return found;
}

function emitInterface(model: Model, namespacedModels: ReadonlySet<string>, facts: Facts['properties']): string {
  const names = new Set(model.properties.map((property) => property.name));
  const isKind = names.has('apiVersion') && names.has('kind') && names.has('metadata');
  const lines = model.properties.map((property) => {
    const known = facts[`${model.name}.${property.name}`];
    return `  ${quote(property.name)}${optional(property, isKind)}: ${typeOf(property, model, isKind, namespacedModels)}${mayBeNull(property, known) ? ' | null' : ''};`;
  });
  return `export interface ${model.name} {\n${lines.join('\n')}\n}\n`;
}

function quote(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

function optional(property: ModelProperty, isKind: boolean): string {
  const always = isKind && ['apiVersion', 'kind', 'metadata'].includes(property.name);
  return property.required || always ? '' : '?';
}

/** A list that may be empty and is always printed. */
const mayBeNull = ({ type, required }: ModelProperty, known: PropertyFacts | undefined): boolean => type.startsWith('Array<') && !required && known?.zero === true;

function typeOf(property: ModelProperty, model: Model, isKind: boolean, namespacedModels: ReadonlySet<string>): string {
  if (property.type === 'V1ObjectMeta') {
    if (!isKind) return 'ObjectMetaDraft';
    return namespacedModels.has(model.name) ? 'NamespacedMeta' : 'ObjectMeta';
  }
  if (property.type === 'V1ListMeta') return 'ListMeta';
  return property.type.replace(/\b(Date|V1MicroTime|IntOrString|any)\b/g, (name) => SCALARS[name]!).replace(/Array<(number \| string)>/g, '($1)[]');
}
