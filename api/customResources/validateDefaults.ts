import { atOnce } from '../cel/atOnce.ts';
import { append, invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { forEachEmbedded, hasEmbedded, validateResource } from './embedded.ts';
import { evaluateRules } from './evaluateRules.ts';
import { isEmbedded, itemsOf, META_FIELDS } from './jsonSchema.ts';
import { isRecord } from '../values/isRecord.ts';
import type { Fields, JsonSchema } from './jsonSchema.ts';
import { metadataTypeFault } from './metadataTypes.ts';
import { pruneDefault } from './prune.ts';
import { ruleTree } from './ruleTree.ts';
import { validateValue, withinField } from './validateValue.ts';

/** What the rules on all defaults of a schema may cost together. Kubernetes allows ten times as much, for which everybody else would have to wait. */
const RULES_BUDGET = 1_000_000;

interface Place {
  /** Makes a whole resource of a value that stands here, within the nearest one; undefined outside of the metadata and type of one. */
  readonly resourceAround: ((value: unknown) => Fields) | undefined;
  /** As `resourceAround`, of anything that stands in a resource. */
  readonly around: (value: unknown) => unknown;
}

/** Defaults must be pruned, valid themselves, and in keeping with the rules that they are under (`defaulting.ValidateDefaults`). */
export function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const budget = { remaining: RULES_BUDGET, isSpent: false };
  visit(schema, path, true, { resourceAround: undefined, around: (value) => value });
  return errors;

  function visit(node: JsonSchema, at: string, isRoot: boolean, place: Place): void {
    if (budget.isSpent) return;
    const isResource = isRoot || isEmbedded(node);
    const here: Place = isResource ? { resourceAround: undefined, around: (value) => value } : place;
    if (node.default !== undefined) append(errors, validateDefault(node, `${at}.default`, here, isResource, budget));
    const items = itemsOf(node);
    if (items) visit(items, `${at}.items`, false, placeOf(here, (value) => [value]));
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      const inner = placeOf(here, (value) => ({ [name]: value }));
      visit(property, `${at}.properties[${name}]`, false, isResource && META_FIELDS.has(name) ? { ...inner, resourceAround: wholeResource(inner.around) } : inner);
    }
  }
}

function placeOf({ around, resourceAround }: Place, wrap: (value: unknown) => unknown): Place {
  const wider = (value: unknown): unknown => around(wrap(value));
  return { around: wider, resourceAround: resourceAround && wholeResource(wider) };
}

const wholeResource = (around: (value: unknown) => unknown): ((value: unknown) => Fields) => (value) => ({ apiVersion: 'validation/v1', kind: 'Validation', ...(around(value) as Fields) });

function validateDefault(schema: JsonSchema, path: string, { resourceAround }: Place, isResource: boolean, budget: { remaining: number; isSpent: boolean }): FieldError[] {
  const value: unknown = schema.default;
  const errors: FieldError[] = [];
  if (resourceAround) {
    const faults = resourceFaults(resourceAround(value), '').map(({ field, message }) => `${field}: ${message}`);
    if (faults.length > 0) return [invalid(path, value, `must result in valid metadata: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`)];
  } else {
    if (!deepEqual(pruneDefault(value, schema, isResource), value)) errors.push(invalid(path, value, 'must not have unknown fields'));
    const faults = embeddedFaults(value, schema, isResource, path);
    if (faults.length > 0) return [...errors, ...faults];
  }
  const faults = withinField(path, validateValue(value, schema), '.');
  return [...errors, ...(faults.length > 0 ? faults : brokenRules(schema, value, path, budget))];
}

/** What the resources within a default lack, itself among them where it is one. */
function embeddedFaults(value: unknown, schema: JsonSchema, isResource: boolean, path: string): FieldError[] {
  const faults = isResource && isRecord(value) ? resourceFaults(value, path) : [];
  if (hasEmbedded(schema)) forEachEmbedded(value, { ...schema, 'x-kubernetes-embedded-resource': false }, (resource, at) => append(faults, resourceFaults(resource, at)), path);
  return faults;
}

function resourceFaults(resource: Fields, path: string): FieldError[] {
  const at = path === '' ? 'metadata' : `${path}.metadata`;
  const fault = metadataTypeFault(resource['metadata']);
  return fault === undefined ? validateResource(resource, path) : [invalid(at, resource['metadata'], fault)];
}

/** Rules about changes see the default as the old value, too; and where it is first set, rules must hold without one. */
function brokenRules(schema: JsonSchema, value: unknown, path: string, budget: { remaining: number; isSpent: boolean }): FieldError[] {
  const tree = ruleTree(schema, false);
  if (!tree) return [];
  const run = (old: unknown): { readonly found: FieldError[]; readonly cost: number } => {
    const { errors, ratcheted, cost, isSpent } = atOnce(evaluateRules(tree, value, old, Math.max(0, budget.remaining)));
    budget.isSpent ||= isSpent;
    return { found: [...errors, ...ratcheted], cost };
  };
  const kept = run(value);
  const first = kept.found.length > 0 ? undefined : run(undefined);
  budget.remaining -= Math.max(kept.cost, first?.cost ?? 0);
  return withinField(path, [...kept.found, ...(first?.found ?? [])]);
}
