import { randomExpression } from '../../../api/cel/randomExpression.ts';
import type { RandomInput } from '../../../api/schema/randomInput.ts';
import type { Call, Reply } from '../fuzzCase.ts';
import { APPLY, JSON_PATCH, MERGE, type Surface } from './surface.ts';

type Json = Record<string, unknown>;

const GROUP = 'fuzz.example.com';
const COLLECTION = `/apis/${GROUP}/v1/namespaces/default/things`;
const NAMES = ['a', 'b', 'spec', 'items', 'name', 'constructor', 'toString', '__proto__', 'hasOwnProperty', 'x-y', 'self', 'for', 'a.b', '$ref'];
const PATTERNS = ['^a*$', '(a+)+$', '^(a|a?)+$', '(.*a){25}', '\\p{L}+', '[', '(?i)x', 'a{1000}', '((a{0,100}){0,100}){0,100}', '(?=a)', '\\d{3}-\\d{4}', '^$', '(((((a)))))', '\\Qx\\E'];
const FORMATS = ['date-time', 'date', 'duration', 'int32', 'int64', 'double', 'byte', 'password', 'uuid', 'ipv4', 'ipv6', 'cidr', 'mac', 'uri', 'hostname', 'email', 'bsonobjectid', 'isbn', 'creditcard', 'ssn', 'hexcolor', 'rgbcolor', 'constructor', 'k8s-short-name'];
const RULES = ['self == self', 'self == oldSelf', 'size(self) < 5', 'self.all(x, x == x)', 'self.exists(x, self.exists(y, y == x))', 'self.matches("^(a+)+$")', 'has(self.a)', 'self.a.startsWith("x")', '!has(self.constructor) || self.constructor != "x"', 'self.map(x, self.map(y, self.map(z, [x, y, z]))).size() >= 0', 'oldSelf.hasValue()', 'self.metadata.name != ""', 'duration(self) > duration("1s")', 'quantity(self).isGreaterThan(quantity("1Gi"))', 'url(self).getHost() == "x"', 'ip(self).family() == 4', 'self.lastIndexOf("a") > 0', 'self.split("").join("") == self', 'authorizer.requestResource.check("get").allowed()'];
const PATHS = ['.spec.a', '.metadata.name', '.metadata.creationTimestamp', '.spec.items[*]', '.spec.items[?(@.name=="a")].b', '.spec["a"]', '..a', '.', '', '{.spec}', '.spec.constructor', '.__proto__', '.spec.items[0:9999999999]', '.spec.a.b.c', "['a']", '.status.conditions[-1].type', '.spec.__proto__.replicas'];

/** Definitions with schemas, rules, patterns, columns, selectable fields and conversion; then objects of theirs in every way of writing. */
export const customResources: Surface = {
  name: 'customResources',
  generate: (input) => {
    const spec = schemaOf(input, 4);
    const definition = definitionOf(input, spec);
    const thing = (): Json => ({ apiVersion: `${GROUP}/${input.chance(0.9) ? 'v1' : 'v2'}`, kind: 'Thing', metadata: { name: input.pick(['one', 'two']) }, spec: fitting(input, spec), ...(input.chance(0.2) ? { status: input.value(2), [input.pick(NAMES)]: input.value(2) } : {}) });
    const calls: Call[] = [{ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: definition }];
    for (let count = 2 + input.below(4); count > 0; count -= 1) calls.push(write(input, thing()));
    calls.push({ method: 'GET', path: `${COLLECTION}?${input.pick(['', 'fieldSelector=spec.a%3Dx', 'labelSelector=a', 'limit=1'])}`, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    calls.push({ method: 'GET', path: input.pick(['/openapi/v2', `/openapi/v3/apis/${GROUP}/v1`, `/apis/${GROUP}/v2/namespaces/default/things`]) });
    if (input.chance(0.3)) calls.push({ method: 'PUT', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.fuzz.example.com', body: definitionOf(input, schemaOf(input, 3)) });
    return { calls, replies: { convert: conversion(input) } };
  },
};

function write(input: RandomInput, object: Json): Call {
  const name = (object['metadata'] as { name: string }).name;
  const path = `${COLLECTION}/${name}${input.pick(['', '', '', '/status', '/scale'])}`;
  switch (input.below(5)) {
    case 0:
      return { method: 'PUT', path, body: object };
    case 1:
      return { method: 'PATCH', path, headers: { 'content-type': MERGE }, body: { spec: object['spec'] } };
    case 2:
      return { method: 'PATCH', path, headers: { 'content-type': JSON_PATCH }, body: input.operations(object) };
    case 3:
      return { method: 'PATCH', path: `${path}?fieldManager=${input.pick(['a', 'b'])}&force=true`, headers: { 'content-type': APPLY }, body: object };
    default:
      return { method: 'POST', path: COLLECTION, body: object, ...(input.chance(0.3) ? { form: 'yaml' } : {}) };
  }
}

function definitionOf(input: RandomInput, spec: Json): Json {
  const schema = { type: 'object', properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }, ...rulesOf(input, 0.2) };
  const version = (name: string, storage: boolean): Json => ({
    name, served: true, storage, schema: { openAPIV3Schema: schema },
    subresources: input.chance(0.6) ? { status: {}, scale: { specReplicasPath: input.pick(['.spec.replicas', '.spec.a', '.spec.constructor.a', '.spec.__proto__.replicas']), statusReplicasPath: '.status.replicas', labelSelectorPath: input.pick(['.status.selector', '.spec.b', '.status.__proto__']) } } : undefined,
    additionalPrinterColumns: Array.from({ length: input.below(3) }, (_, at) => ({ name: `c${at}`, type: input.pick(['string', 'integer', 'number', 'boolean', 'date', 'constructor']), jsonPath: input.pick(PATHS) })),
    ...(input.chance(0.3) ? { selectableFields: [{ jsonPath: input.pick(PATHS) }] } : {}),
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `things.${GROUP}` },
    spec: {
      group: GROUP, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing', shortNames: input.chance(0.3) ? ['th', 'constructor'] : undefined, categories: ['all'] },
      versions: [version('v1', true), ...(input.chance(0.4) ? [version('v2', false)] : [])],
      preserveUnknownFields: false,
      ...(input.chance(0.3) ? { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://REPLY/convert', caBundle: 'CA-BUNDLE' } } } } : {}),
    },
  };
}

/** A structural schema, mostly. */
export function schemaOf(input: RandomInput, depth: number): Json {
  const common = { ...(input.chance(0.1) ? { nullable: true } : {}), ...rulesOf(input, 0.15), ...(input.chance(0.05) ? { [input.pick(['allOf', 'anyOf', 'oneOf'])]: [{ type: 'string' }, { maximum: 5 }] } : {}), ...(input.chance(0.03) ? { not: {} } : {}), ...(input.chance(0.03) ? { [input.pick(['$ref', 'id', 'definitions', 'x-kubernetes-unknown', 'enum'])]: input.value(1) } : {}) };
  const kind = depth <= 0 ? 2 + input.below(5) : input.pick([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7]);
  const inner = (): Json => schemaOf(input, depth - 1);
  switch (kind) {
    case 0: {
      const properties = Object.fromEntries(Array.from({ length: 1 + input.below(4) }, () => [input.pick(NAMES), inner()]));
      return { type: 'object', properties, ...(input.chance(0.2) ? { required: [input.pick(NAMES)] } : {}), ...(input.chance(0.2) ? { 'x-kubernetes-preserve-unknown-fields': true } : {}), ...(input.chance(0.05) ? { 'x-kubernetes-embedded-resource': true } : {}), ...(input.chance(0.1) ? { 'x-kubernetes-map-type': input.pick(['atomic', 'granular', 'x']) } : {}), ...(input.chance(0.15) ? { default: input.value(2) } : {}), ...common };
    }
    case 1: {
      const items = inner();
      const keys = Object.keys(items['properties'] ?? {});
      return { type: 'array', items, ...(input.chance(0.3) ? { 'x-kubernetes-list-type': input.pick(['set', 'atomic', 'map', 'x']) } : {}), ...(keys.length > 0 && input.chance(0.3) ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [input.pick(keys)] } : {}), ...(input.chance(0.3) ? { maxItems: input.below(5), minItems: input.below(2), uniqueItems: input.chance(0.1) ? true : undefined } : {}), ...common };
    }
    case 2:
      return { type: 'string', ...(input.chance(0.3) ? { pattern: input.pick(PATTERNS) } : {}), ...(input.chance(0.3) ? { format: input.pick(FORMATS) } : {}), ...(input.chance(0.3) ? { maxLength: input.below(40) } : {}), ...(input.chance(0.2) ? { default: input.pick(['a', 'constructor', 5, '']) } : {}), ...(input.chance(0.1) ? { enum: ['a', 'b', null] } : {}), ...common };
    case 3:
      return { type: input.pick(['integer', 'number']), ...(input.chance(0.3) ? { minimum: -1, maximum: 100, exclusiveMaximum: input.chance(0.5), multipleOf: input.pick([1, 2, 0.1, 0, -1]) } : {}), ...(input.chance(0.2) ? { format: input.pick(FORMATS), default: 3 } : {}), ...common };
    case 4:
      return { type: 'boolean', ...(input.chance(0.2) ? { default: true } : {}), ...common };
    case 5:
      return { 'x-kubernetes-int-or-string': true, ...common };
    case 6:
      return { 'x-kubernetes-preserve-unknown-fields': true, ...common };
    default:
      return { type: 'object', additionalProperties: input.chance(0.9) ? inner() : input.chance(0.5), ...(input.chance(0.3) ? { maxProperties: 3 } : {}), ...common };
  }
}

function rulesOf(input: RandomInput, probability: number): Json {
  if (!input.chance(probability)) return {};
  const expression = (): string => (input.chance(0.7) ? input.pick(RULES) : randomExpression(() => input.next(), 2).replace(/\b(?:any|s|list)\b/g, 'self'));
  return {
    'x-kubernetes-validations': Array.from({ length: 1 + input.below(2) }, () => ({
      rule: expression(),
      ...(input.chance(0.3) ? { messageExpression: input.pick(['"no"', '"a" + string(self)', 'self', '1 / 0', '"\\n"', '"x".replace("", self)']) } : { message: input.pick(['no', '', 'a\nb']) }),
      ...(input.chance(0.3) ? { fieldPath: input.pick(['.a', '.b', ".['a.b']", '.constructor', 'a', '..']) } : {}),
      ...(input.chance(0.3) ? { reason: input.pick(['FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate', 'constructor']) } : {}),
      ...(input.chance(0.2) ? { optionalOldSelf: true } : {}),
    })),
  };
}

/** A value that mostly fits a schema. */
export function fitting(input: RandomInput, schema: Json): unknown {
  if (input.chance(0.05)) return input.value(3);
  if (schema['x-kubernetes-int-or-string'] === true) return input.pick([1, '50%', -1, 'x']);
  const { properties, items, additionalProperties } = schema as { properties?: Readonly<Record<string, Json>>; items?: Json; additionalProperties?: Json | boolean };
  switch (schema['type']) {
    case 'object':
      if (properties) return Object.fromEntries(Object.entries(properties).filter(() => input.chance(0.7)).map(([name, each]) => [name, fitting(input, each)]));
      return Object.fromEntries(Array.from({ length: input.below(4) }, () => [input.pick(NAMES), typeof additionalProperties === 'object' ? fitting(input, additionalProperties) : input.value(2)]));
    case 'array':
      return Array.from({ length: input.below(4) }, () => fitting(input, items ?? {}));
    case 'string':
      return input.pick(['a', 'aaa', '', 'b', 'constructor', '2026-01-01T00:00:00Z', '1h', '10.0.0.1', `${'a'.repeat(60)}!`, '1Gi', 'é']);
    case 'integer':
    case 'number':
      return input.pick([0, 1, -1, 7, 2 ** 31, 1.5, 1e300]);
    case 'boolean':
      return input.chance(0.5);
    default:
      return input.value(3);
  }
}

function conversion(input: RandomInput): Reply {
  const thing = { apiVersion: `${GROUP}/${input.pick(['v1', 'v2', 'v3'])}`, kind: input.pick(['Thing', 'Thing', 'Other']), metadata: { name: input.pick(['one', 'two', '']), uid: 'x', labels: { a: 'b' }, ...(input.chance(0.1) ? (input.value(2) as object) : {}) }, spec: input.value(3) };
  const response = { uid: input.pick(['UID', 'UID', 'x']), result: { status: input.pick(['Success', 'Success', 'Failure', 7]), message: 'm' }, convertedObjects: input.chance(0.9) ? Array.from({ length: input.below(3) }, () => thing) : input.value(2) };
  const review = { apiVersion: input.pick(['apiextensions.k8s.io/v1', 'v9']), kind: 'ConversionReview', response };
  return { status: input.pick([200, 200, 200, 500]), body: input.chance(0.1) ? input.mangled(JSON.stringify(review)).toString('latin1') : review };
}
