import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript6';

/** One property of a wire model: its JSON name, the TypeScript type client-node gives it, and what it means. */
export interface ModelProperty {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly required: boolean;
  readonly description: string;
}

/** One wire model, by its client-node name (`V1Pod`, `CoreV1Event`). */
export interface Model {
  readonly name: string;
  readonly description: string;
  readonly properties: readonly ModelProperty[];
}

interface AttributeType {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** The folder of client-node's generated code: `models/` and `apis/` below it are what we read. */
export function clientNodeGen(): string {
  const require = createRequire(pathToFileURL(join(process.cwd(), 'package.json')));
  return join(require.resolve('@kubernetes/client-node'), '..', 'gen');
}

/**
 * Reads every model of the pinned `@kubernetes/client-node`. Names, optionality and descriptions come from the
 * `.d.ts` files, JSON names and formats from the attribute maps beside them.
 */
export async function readModels(genFolder: string): Promise<Model[]> {
  const folder = join(genFolder, 'models');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.d.ts') && !/^(all|ObjectSerializer)\.d\.ts$/.test(file))
    .map((file) => file.slice(0, -'.d.ts'.length))
    .sort();
  const models: Model[] = [];
  for (const name of names) {
    const model = await readModel(folder, name);
    if (model) models.push(model);
  }
  return models;
}

async function readModel(folder: string, name: string): Promise<Model | undefined> {
  const source = ts.createSourceFile(`${name}.d.ts`, readFileSync(join(folder, `${name}.d.ts`), 'utf8'), ts.ScriptTarget.Latest, true);
  const declaration = source.statements.find((s): s is ts.ClassDeclaration => ts.isClassDeclaration(s) && s.name?.text === name);
  if (!declaration) return undefined;
  const module = (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as Record<string, { attributeTypeMap?: AttributeType[] }>;
  const attributes = new Map((module[name]?.attributeTypeMap ?? []).map((attribute) => [attribute.name, attribute]));
  const properties: ModelProperty[] = [];
  for (const member of declaration.members) {
    if (!ts.isPropertyDeclaration(member) || !ts.isStringLiteral(member.name)) continue;
    const attribute = attributes.get(member.name.text);
    if (!attribute) throw new Error(`${name}.${member.name.text} has no attribute type`);
    properties.push({
      name: attribute.baseName,
      type: attribute.type,
      format: attribute.format,
      required: member.questionToken === undefined,
      description: docOf(member),
    });
  }
  return { name, description: docOf(declaration), properties };
}

function docOf(node: ts.Node): string {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .join('\n');
  return text.replace(/\\(['"`])/g, '$1').trim();
}
