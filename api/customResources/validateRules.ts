import type { CelType, CostEstimate } from '../cel/types.ts';
import { MAX_REQUEST_BYTES, schemaType } from '../cel/schemaType.ts';
import { append, forbidden, invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import { goRule } from './goForm.ts';
import { isEmbedded, itemsOf, valuesOf } from './jsonSchema.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { compileRule } from './ruleProgram.ts';
import type { RuleProgram } from './ruleProgram.ts';
import { hasRules } from './ruleTree.ts';

const EXPRESSION_LIMIT = 10_000_000;
const SCHEMA_LIMIT = 100_000_000;
/** Of rules that together are too expensive, so many are named, if they are each at least a hundredth of what is allowed. */
const NAMED = 4;
const ADVICE = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

const NO_TYPE = 'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';

/** Costs of a schema's rules as they are added up. */
interface Costs {
  total: number;
  readonly faulty: ReadonlySet<JsonSchema>;
  readonly most: { readonly field: string; readonly cost: number }[];
}

interface Place {
  readonly isRoot: boolean;
  /** How many values of this schema one object can have; undefined where that is only bounded by the size of a request. */
  readonly cardinality: number | undefined;
  /** The list or map around it by which old values cannot be found. */
  readonly uncorrelatable: string | undefined;
}

/**
 * Whether the rules of a structural schema compile, and what they may cost, with Kubernetes' messages. `path` is that of `openAPIV3Schema`. Those of `faulty` nodes are
 * left out: what they say would only confuse.
 */
export function validateRules(schema: JsonSchema, path: string, faulty: ReadonlySet<JsonSchema>): FieldError[] {
  if (!hasRules(schema)) return [];
  const costs: Costs = { total: 0, most: [], faulty };
  const errors = validateNode(schema, { isRoot: true, cardinality: 1, uncorrelatable: undefined }, path, costs);
  if (costs.total > SCHEMA_LIMIT) {
    const most = costs.most.toSorted((a, b) => b.cost - a.cost).slice(0, NAMED);
    append(errors, most.map(({ field }) => forbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')));
    errors.push(forbidden(path, tooExpensive('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', costs.total, SCHEMA_LIMIT)));
  }
  return errors;
}

function validateNode(schema: JsonSchema, place: Place, path: string, costs: Costs): FieldError[] {
  const errors: FieldError[] = [];
  const inner: Place = { ...place, isRoot: false };
  const values = valuesOf(schema);
  if (values) append(errors, validateNode(values, { ...inner, cardinality: times(place.cardinality, schema.maxProperties) }, `${path}.additionalProperties`, costs));
  for (const [name, property] of Object.entries(schema.properties ?? {})) append(errors, validateNode(property, inner, `${path}.properties[${name}]`, costs));
  const items = itemsOf(schema);
  if (items) {
    // Of lists only the items of a `map` are found again.
    const uncorrelatable = place.uncorrelatable ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path);
    append(errors, validateNode(items, { ...inner, uncorrelatable, cardinality: times(place.cardinality, schema.maxItems) }, `${path}.items`, costs));
  }
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0 || costs.faulty.has(schema)) return errors;
  const type = schemaType(schema, place.isRoot || isEmbedded(schema), 'selfType');
  const at = `${path}.x-kubernetes-validations`;
  if (!type) return [...errors, { type: 'InternalError', field: at, message: `Internal error: ${NO_TYPE}` }];
  for (const [index, rule] of rules.entries()) append(errors, validateRule(compileRule(rule, type), type, place, `${at}[${index}]`, costs));
  return errors;
}

const times = (cardinality: number | undefined, most: number | undefined): number | undefined => (cardinality === undefined || most === undefined ? undefined : cardinality * Math.max(0, most));

function validateRule({ rule, program, fault, message, messageFault, usesOldSelf }: RuleProgram, type: CelType, place: Place, path: string, costs: Costs): FieldError[] {
  const errors: FieldError[] = [];
  const cardinality = place.cardinality ?? Math.floor(MAX_REQUEST_BYTES / ((type.minSerializedSize ?? 0) + 1));
  append(errors, charge(program?.estimate, cardinality, 'estimated rule cost', `${path}.rule`, costs));
  if (fault !== undefined) errors.push(invalid(`${path}.rule`, goRule(rule), fault));
  if (messageFault !== undefined) errors.push(invalid(`${path}.messageExpression`, goRule(rule), messageFault));
  append(errors, charge(message?.estimate, 1, 'estimated messageExpression cost', `${path}.messageExpression`, costs));
  if (usesOldSelf && place.uncorrelatable !== undefined) errors.push(invalid(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`));
  if (!usesOldSelf && rule.optionalOldSelf !== undefined) errors.push(invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  return errors;
}

/** Adds an expression's cost to the others, and refuses it where it alone is too much. */
function charge(estimate: CostEstimate | undefined, cardinality: number, name: string, field: string, costs: Costs): FieldError[] {
  if (!estimate || estimate.max === 0) return [];
  const cost = estimate.max * cardinality;
  costs.total += cost;
  if (cost >= SCHEMA_LIMIT / 100) costs.most.push({ field, cost });
  return cost > EXPRESSION_LIMIT ? [forbidden(field, tooExpensive(name, cost, EXPRESSION_LIMIT))] : [];
}

function tooExpensive(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${shown} ${ADVICE}`;
}
