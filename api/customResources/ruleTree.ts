import { schemaType } from '../cel/schemaType.ts';
import type { CelType } from '../cel/types.ts';
import { compileRule } from './ruleProgram.ts';
import type { RuleProgram } from './ruleProgram.ts';
import { isEmbedded, itemsOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';

/** The rules of a schema, where they stand in it; parts without rules are left out. */
export interface RuleTree {
  readonly schema: JsonSchema;
  readonly type: CelType | undefined;
  readonly rules: readonly RuleProgram[];
  readonly items?: RuleTree;
  readonly values?: RuleTree;
  readonly properties?: ReadonlyMap<string, RuleTree>;
}

/** What every type of a schema is called in messages; upstream makes a name up that nobody is to rely on. */
const SELF = 'selfType';

const known = new WeakMap<JsonSchema, RuleTree | undefined>();

/** The compiled rules of a version's schema, or of a part of one; undefined where it has none. Made once for each schema. */
export function ruleTree(schema: JsonSchema, isRoot = true): RuleTree | undefined {
  if (!known.has(schema)) known.set(schema, hasRules(schema) ? treeOf(schema, isRoot) : undefined);
  return known.get(schema);
}

/** Whether there is a rule anywhere in a schema; quick, as most have none. */
export function hasRules(schema: JsonSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  return [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {})].some((each) => each !== undefined && hasRules(each));
}

function treeOf(schema: JsonSchema, isRoot: boolean): RuleTree | undefined {
  const own = schema['x-kubernetes-validations'] ?? [];
  const type = own.length > 0 ? schemaType(schema, isRoot || isEmbedded(schema), SELF) : undefined;
  const rules = type ? own.map((rule) => compileRule(rule, type)) : [];
  const [inner, each] = [itemsOf(schema), valuesOf(schema)];
  const items = inner && treeOf(inner, false);
  const values = each && treeOf(each, false);
  const properties = new Map<string, RuleTree>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const tree = treeOf(property, false);
    if (tree) properties.set(name, tree);
  }
  if (rules.length === 0 && !items && !values && properties.size === 0) return undefined;
  return { schema, type, rules, ...(items ? { items } : {}), ...(values ? { values } : {}), ...(properties.size > 0 ? { properties } : {}) };
}
