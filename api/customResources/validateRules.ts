import type { CelType, CostEstimate } from '../cel/types.ts';
import { MAX_REQUEST_BYTES, schemaType } from '../cel/schemaType.ts';
import { forbidden, invalid } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
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

/** Costs of a schema's rules as they are added up. */
interface Costs {
  total: number;
  readonly most: { readonly field: string; readonly cost: number }[];
}

interface Place {
  readonly isRoot: boolean;
  /** How many values of this schema one object can have; undefined where that is only bounded by the size of a request. */
  readonly cardinality: number | undefined;
  /** The list or map around it by which old values cannot be found. */
  readonly uncorrelatable: string | undefined;
}

/** Whether the rules of a structural schema compile, and what they may cost, with Kubernetes' messages. `path` is that of `openAPIV3Schema`. */
export function validateRules(schema: JsonSchema, path: string): FieldError[] {
  if (!hasRules(schema)) return [];
  const costs: Costs = { total: 0, most: [] };
  const errors = validateNode(schema, { isRoot: true, cardinality: 1, uncorrelatable: undefined }, path, costs);
  if (costs.total > SCHEMA_LIMIT) {
    const most = costs.most.toSorted((a, b) => b.cost - a.cost).slice(0, NAMED);
    errors.push(...most.map(({ field }) => forbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')));
    errors.push(forbidden(path, tooExpensive('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', costs.total, SCHEMA_LIMIT)));
  }
  return errors;
}

function validateNode(schema: JsonSchema, place: Place, path: string, costs: Costs): FieldError[] {
  const errors: FieldError[] = [];
  const inner: Place = { ...place, isRoot: false };
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic' || (schema.type === 'array' && schema['x-kubernetes-list-type'] !== 'map');
  const around = { ...inner, uncorrelatable: place.uncorrelatable ?? (isAtomic ? path : undefined) };
  const values = valuesOf(schema);
  if (values) errors.push(...validateNode(values, { ...around, cardinality: times(place.cardinality, schema.maxProperties) }, `${path}.additionalProperties`, costs));
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...validateNode(property, around, `${path}.properties[${name}]`, costs));
  const items = itemsOf(schema);
  if (items) errors.push(...validateNode(items, { ...around, cardinality: times(place.cardinality, schema.maxItems) }, `${path}.items`, costs));
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return errors;
  const type = schemaType(schema, place.isRoot || isEmbedded(schema), 'selfType');
  const at = `${path}.x-kubernetes-validations`;
  if (!type) return [...errors, { type: 'InternalError', field: at, message: `Internal error: rules declared on schema that does not support validation rules type: '${schema.type ?? ''}' x-kubernetes-preserve-unknown-fields: '${schema['x-kubernetes-preserve-unknown-fields'] === true}'` }];
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(compileRule(rule, type), type, place, `${at}[${index}]`, costs));
  return errors;
}

const times = (cardinality: number | undefined, most: number | undefined): number | undefined => (cardinality === undefined || most === undefined ? undefined : cardinality * Math.max(0, most));

function validateRule({ rule, program, fault, message, messageFault, usesOldSelf }: RuleProgram, type: CelType, place: Place, path: string, costs: Costs): FieldError[] {
  const errors: FieldError[] = [];
  const cardinality = place.cardinality ?? Math.floor(MAX_REQUEST_BYTES / ((type.minSerializedSize ?? 0) + 1));
  errors.push(...charge(program?.estimate, cardinality, 'estimated rule cost', `${path}.rule`, costs));
  if (fault !== undefined) errors.push(invalid(`${path}.rule`, shownRule(rule), fault));
  if (messageFault !== undefined) errors.push(invalid(`${path}.messageExpression`, shownRule(rule), messageFault));
  errors.push(...charge(message?.estimate, 1, 'estimated messageExpression cost', `${path}.messageExpression`, costs));
  if (usesOldSelf && place.uncorrelatable !== undefined) errors.push(invalid(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`));
  if (program && !usesOldSelf && rule.optionalOldSelf !== undefined) errors.push(invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
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

/** A rule as Go shows it, whose internal type has no other names for its fields. */
function shownRule({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: RuleProgram['rule']): Readonly<Record<string, unknown>> {
  return { Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null, FieldPath: fieldPath, OptionalOldSelf: optionalOldSelf ?? null };
}
