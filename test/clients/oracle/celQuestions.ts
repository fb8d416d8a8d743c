import { BOOL, BYTES, DOUBLE, DURATION, DYN, formatType, INT, listOf, mapOf, NULL, optionalOf, STRING, TIMESTAMP, UINT } from '../../../api/cel/celType.ts';
import { compile } from '../../../api/cel/compile.ts';
import { fromAnyJson, fromJson } from '../../../api/cel/fromJson.ts';
import { schemaType } from '../../../api/cel/schemaType.ts';
import type { CelType, Environment } from '../../../api/cel/types.ts';
import type { CelValue } from '../../../api/cel/values/value.ts';
import type { JsonSchema } from '../../../api/customResources/jsonSchema.ts';
import type { Oracle } from './oracle.ts';
import { shownValue } from './shownValue.ts';

export interface CelVariable {
  readonly name: string;
  readonly type: CelType;
  /** Its value, as an expression without variables or as JSON. */
  readonly expression?: string;
  readonly json?: unknown;
}

export interface Outcome {
  readonly fault?: string;
  readonly type?: string;
  readonly least?: number;
  readonly most?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly cost?: number;
}

/** One environment that expressions are compiled in and run with, at Kubernetes' and here. */
export class CelQuestions {
  readonly #oracle: Oracle;
  readonly #limit: number;
  readonly #environment: Environment;
  readonly #bindings: Readonly<Record<string, CelValue>>;

  private constructor(oracle: Oracle, schema: JsonSchema, object: unknown, variables: readonly CelVariable[], limit: number) {
    this.#oracle = oracle;
    this.#limit = limit;
    const self = schemaType(schema, false, 'selfType')!;
    this.#environment = { variables: { self, ...Object.fromEntries(variables.map(({ name, type }) => [name, type])) }, bindings: true };
    const values = variables.map(({ name, expression, json }): [string, CelValue] => [name, expression === undefined ? fromAnyJson(json) : valueOf(expression)]);
    this.#bindings = { self: fromJson(object, self), ...Object.fromEntries(values) };
  }

  static async begin(oracle: Oracle, schema: JsonSchema, object: unknown, variables: readonly CelVariable[], limit: number): Promise<CelQuestions> {
    const { error } = await oracle.ask('celEnvironment', { schema, original: object, celBind: true, variables: variables.map((each) => ({ ...each, type: formatType(each.type) })) });
    if (error !== undefined) throw new Error(error);
    return new CelQuestions(oracle, schema, object, variables, limit);
  }

  /** What both say of an expression. */
  async ask(text: string): Promise<{ readonly ours: Outcome; readonly theirs: Outcome }> {
    const asked = this.#oracle.ask<Outcome>('cel', { text, limit: this.#limit });
    const ours = this.#outcome(text);
    const { value, error } = await asked;
    return { ours, theirs: value ? withRoundedCosts(value) : { fault: error ?? '' } };
  }

  #outcome(text: string): Outcome {
    const compiled = compile(text, this.#environment);
    if (!compiled.ok) return { fault: compiled.message };
    const { resultType, estimate } = compiled.program;
    const outcome = compiled.program.evaluate(this.#bindings, { remaining: this.#limit, perCall: this.#limit });
    return withRoundedCosts({ type: formatType(resultType), least: estimate.min, most: estimate.max, cost: outcome.cost, ...(outcome.ok ? { value: shownValue(outcome.value) } : { error: outcome.message }) });
  }
}

function valueOf(expression: string): CelValue {
  const compiled = compile(expression, { variables: {} });
  if (!compiled.ok) throw new Error(compiled.message);
  const outcome = compiled.program.evaluate({}, { remaining: Number.POSITIVE_INFINITY });
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
}

const UNCOUNTABLE = 2 ** 64;
/** Costs beyond what a number holds exactly are rounded. */
const rounded = (cost = 0): number => (cost >= UNCOUNTABLE ? UNCOUNTABLE : Number(cost.toPrecision(12)));
const withRoundedCosts = (outcome: Outcome): Outcome => (outcome.fault === undefined ? { ...outcome, least: rounded(outcome.least), most: rounded(outcome.most) } : { fault: outcome.fault });

/** Variables of every type, with the names that Kubernetes' and cel-go's own tests give theirs. */
export const VARIABLES: readonly CelVariable[] = [
  { name: 'any', type: DYN, json: { a: [1, 'b', null, 2.5, { c: true }], s: '', 'n-1': 3, big: 9007199254740991, t: true, nothing: null } },
  { name: 'n', type: INT, expression: '3' },
  { name: 's', type: STRING, expression: '"tëxt a.b"' },
  { name: 'list', type: listOf(DYN), json: [1, 'x', [], {}, null, 9007199254740991] },
  { name: 'u', type: UINT, expression: '7u' },
  { name: 'd', type: DOUBLE, expression: '-2.5' },
  { name: 'b', type: BOOL, expression: 'true' },
  { name: 'by', type: BYTES, expression: 'b"\\xff\\x00abc"' },
  { name: 'null_var', type: NULL, expression: 'null' },
  { name: 'ts', type: TIMESTAMP, expression: 'timestamp("2009-02-13T23:31:30.123456789Z")' },
  { name: 'dur', type: DURATION, expression: 'duration("1h1m1.5s")' },
  { name: 'ints', type: listOf(INT), expression: '[3, 1, 2, 1]' },
  { name: 'strings_', type: listOf(STRING), expression: '["b", "a", "é"]' },
  { name: 'lists_', type: listOf(listOf(INT)), expression: '[[1], [2, 3], []]' },
  { name: 'm', type: mapOf(STRING, INT), expression: '{"a": 1, "b": 2}' },
  { name: 'mm', type: mapOf(INT, mapOf(STRING, STRING)), expression: '{1: {"x": "y"}, 2: {}}' },
  { name: 'o', type: optionalOf(INT), expression: 'optional.of(1)' },
  { name: 'none', type: optionalOf(STRING), expression: 'optional.none()' },
  { name: 'x', type: INT, expression: '-9' },
  { name: 'y', type: DYN, json: 'why' },
  { name: 'missing', type: DYN, json: {} },
];

/** What `self` is: a field of every type, with and without bounds. */
export const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['name', 'count'],
  properties: {
    name: { type: 'string', maxLength: 20 },
    free: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    on: { type: 'boolean' },
    mode: { type: 'string', enum: ['a', 'long-mode'] },
    tags: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
    open: { type: 'array', items: { type: 'string' } },
    set: { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
    ports: { type: 'array', maxItems: 8, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 15 }, port: { type: 'integer' } } } },
    labels: { type: 'object', maxProperties: 4, additionalProperties: { type: 'string', maxLength: 63 } },
    nested: { type: 'object', additionalProperties: { type: 'array', items: { type: 'integer' } } },
    spec: { type: 'object', properties: { replicas: { type: 'integer' }, 'dash-ed': { type: 'string' }, __under__: { type: 'string' }, in: { type: 'string' }, 'a.b/c': { type: 'integer' } } },
    either: { 'x-kubernetes-int-or-string': true },
    raw: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    data: { type: 'string', format: 'byte' },
    wait: { type: 'string', format: 'duration' },
    day: { type: 'string', format: 'date' },
    when: { type: 'string', format: 'date-time' },
    absent: { type: 'string' },
    void: { type: 'string', nullable: true },
  },
};

export const OBJECT = {
  name: 'näme', free: 'some text', count: 5, ratio: 2, on: true, mode: 'a', tags: ['x', 'yy', 'x'], open: ['one'], set: [3, 1, 2],
  ports: [{ name: 'http', port: 80 }, { name: 'dns', port: 53 }], labels: { app: 'web', 'x/y': '1' }, nested: { a: [1, 2], b: [] },
  spec: { replicas: 2, 'dash-ed': 'd', __under__: 'u', in: 'i', 'a.b/c': 7 }, either: '50%', raw: { free: { form: [1, 'a', 1.5] } },
  data: 'aGVsbG8=', wait: '1m30s', day: '2026-01-02', when: '2026-01-02T03:04:05.678Z', void: null,
};
