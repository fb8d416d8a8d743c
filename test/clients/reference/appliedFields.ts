import { eventually } from '../../rig/processes.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { type Answers, comparable, describe, Exchange } from './exchange.ts';
import type { Pair } from './referenceServer.ts';

type Json = Readonly<Record<string, unknown>>;

const GROUP = 'applied.example.com';
const PATH = `/apis/${GROUP}/v1/namespaces/default/things`;
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

const TEXT = { type: 'string' };
const DECLARED = { type: 'object', properties: { a: TEXT } };
const PRESERVING = { 'x-kubernetes-preserve-unknown-fields': true };
const EMBEDDED = { type: 'object', 'x-kubernetes-embedded-resource': true };
const HEAD = { apiVersion: 'v1', kind: 'X' };
const listMap = (keys: readonly string[], properties: Json): Json => ({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys, items: { type: 'object', required: ['k'], properties: { k: TEXT, v: { type: 'integer' }, ...properties } } });
const listSet = (type: string): Json => ({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type } });

/** One field for each way in which a schema says who owns what, with values that fit it and values that do not. */
const FIELDS: Readonly<Record<string, readonly [schema: Json, ...values: unknown[]]>> = {
  declared: [DECLARED, { b: 1 }, { a: 1 }],
  empty: [{ type: 'object' }, { b: { c: 1 } }],
  closed: [{ type: 'object', additionalProperties: false }, { b: 1 }, {}],
  preserving: [{ ...DECLARED, ...PRESERVING }, { b: 1, a: 'x' }],
  within: [{ type: 'object', ...PRESERVING, properties: { in: { type: 'array', items: DECLARED }, of: DECLARED } }, { of: { b: 1 } }, { in: [{ b: 1 }, { a: 'x' }], x: [1] }],
  free: [PRESERVING, { a: { b: [1] } }, 7, ['a', { b: 1 }], null],
  half: [{ ...PRESERVING, properties: { a: TEXT } }, { a: 'x', b: 2 }, { a: 2 }, 'x'],
  either: [{ 'x-kubernetes-int-or-string': true }, 5, '5%', 1.5, { a: 1 }, null],
  resource: [{ ...EMBEDDED, properties: { spec: DECLARED } }, { ...HEAD, metadata: { name: 'x', labels: { a: 'b' } }, spec: { a: 'x' } }, { ...HEAD, metadata: { unknown: 1 } }, { ...HEAD, b: 1 }],
  anyResource: [{ ...EMBEDDED, ...PRESERVING }, { ...HEAD, metadata: { name: 'x', finalizers: ['a', 'a'] }, b: { c: 1 } }, { ...HEAD, metadata: { creationTimestamp: null, managedFields: [{ manager: 'x' }] } }, { ...HEAD, metadata: null }, { ...HEAD, metadata: { ownerReferences: [{ uid: 'a' }] } }],
  map: [listMap(['k'], { n: { type: 'string', nullable: true } }), [{ k: 'a', v: 1 }, { k: 'a', v: 2 }], [{ k: 'a', n: null }], [{ v: 1 }], [null], ['x'], [], null],
  mapOfTwo: [listMap(['k', 'p'], { p: { type: 'string', default: 'TCP' } }), [{ k: 'a' }, { k: 'a', p: 'UDP' }], [{ k: 'a' }, { k: 'a', p: 'TCP' }], [{ p: 'x' }]],
  set: [listSet('string'), ['a', 'b'], ['a', 'a'], [null], [1], [{}]],
  numbers: [listSet('number'), [1, 2], [1.5, 2e3]],
  nothing: [{ type: 'string', nullable: true }, null, 'x'],
  nothings: [{ ...DECLARED, nullable: true }, null, { a: null }],
  time: [{ type: 'string', format: 'date-time' }, '2026-01-01T00:00:00Z', 5, {}],
  number: [{ type: 'number' }, 1, 1.5, 1e300, '1'],
  whole: [{ type: 'integer', format: 'int64' }, 9_007_199_254_740_991, 1.5],
  atomic: [{ ...DECLARED, 'x-kubernetes-map-type': 'atomic' }, { a: 'x' }, { b: 1 }],
  values: [{ type: 'object', additionalProperties: DECLARED }, { x: { a: 'x' }, y: {} }, { x: { b: 1 } }, { x: null }],
  anything: [{ type: 'object', additionalProperties: true }, { x: { y: [1] }, z: null }],
  list: [{ type: 'array', items: DECLARED }, [{ a: 'x' }, { b: 1 }], [null], {}, 'x'],
  defaulted: [{ type: 'object', default: { a: 'x' }, properties: { a: TEXT, b: { type: 'integer', default: 3 } } }, {}, null, { b: null }, { a: null }, { c: 1 }],
};

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    versions: [{
      name: 'v1',
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' }, ...Object.fromEntries(Object.entries(FIELDS).map(([name, [schema]]) => [name, schema])) } }, status: { type: 'object', properties: { n: { type: 'integer' } } } } } },
    }],
  },
};

/** Who owns which fields of custom resources after each way of writing them, several owners of one field, and who gives fields up. */
export async function compareAppliedFields(pair: Pair): Promise<Comparison> {
  const exchange = new Exchange(pair, (answer, earlier) => describe(answer, earlier, (value) => settled(comparable(value))));
  for (const side of [pair.gantry, pair.kubernetes]) {
    await side.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION);
    await eventually('applied values are served', 30_000, async () => ((await side.request('GET', PATH)).status === 200 ? true : undefined));
  }
  const specs = [{}, ...Object.entries(FIELDS).flatMap(([field, [, ...values]]) => values.map((value) => ({ [field]: value })))];
  for (const [index, spec] of specs.entries()) {
    await compareApplies(exchange, `applied-${index}`, spec);
    await compareUpdates(exchange, `updated-${index}`, spec);
  }
  await exchange.both({ method: 'DELETE', path: PATH });
  return exchange.differences;
}

/**
 * Entries that were written within one second have no order that is the same each time. The generation is left out: Kubernetes drops unknown fields as late as it stores an object, and
 * counts on for them.
 */
function settled(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return name === 'managedFields' ? value.map((each) => JSON.stringify(each)).sort() : value.map((each) => settled(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'generation').map(([key, each]) => [key, settled(each, key)]));
}

const thing = (name: string, rest: Json, metadata: Json = {}): Json => ({ apiVersion: `${GROUP}/v1`, kind: 'Thing', metadata: { name, ...metadata }, ...rest });

async function compareApplies(exchange: Exchange, name: string, spec: Json): Promise<void> {
  const patch = (query: string, body: Json, headers = APPLY): Promise<Answers> => exchange.both({ method: 'PATCH', path: `${PATH}/${name}?${query}`, body, headers });
  await patch('fieldManager=one', thing(name, { spec }));
  await patch('fieldManager=two', thing(name, { spec: { replicas: 3 } }, { labels: { a: 'b' } }));
  await patch('fieldManager=two', thing(name, { spec }));
  await patch('fieldManager=three&force=true', thing(name, { spec: { ...spec, replicas: 4 } }));
  await patch('fieldManager=one', thing(name, {}));
  await patch('fieldManager=four', { spec }, MERGE);
  await patch('fieldManager=three', thing(name, {}));
  await exchange.both({ method: 'GET', path: `${PATH}/${name}` });
}

async function compareUpdates(exchange: Exchange, name: string, spec: Json): Promise<void> {
  const path = `${PATH}/${name}`;
  const now = (): Promise<Answers> => exchange.both({ method: 'GET', path });
  const put = async (address: string, rest: Json): Promise<void> => {
    const body = JSON.stringify(thing(name, rest, { resourceVersion: '<resourceVersion>' }));
    await exchange.both({ method: 'PUT', path: address, body, headers: { 'content-type': 'application/json' } }, await now());
  };
  const { gantry } = await exchange.both({ method: 'POST', path: `${PATH}?fieldManager=maker`, body: thing(name, { spec }) });
  // What is refused may yet replace what is not.
  if (gantry.status !== 201) await exchange.both({ method: 'POST', path: `${PATH}?fieldManager=maker`, body: thing(name, { spec: { replicas: 1 } }) });
  await put(`${path}?fieldManager=one`, { spec: { ...spec, replicas: 9 } });
  await put(`${path}/status?fieldManager=two`, { spec, status: { n: 1 } });
  await exchange.both({ method: 'PATCH', path: `${path}?fieldManager=three&force=true`, body: thing(name, { spec }), headers: APPLY });
  await exchange.both({ method: 'PATCH', path: `${path}/status?fieldManager=three&force=true`, body: thing(name, { status: { n: 2 } }), headers: APPLY });
  await put(`${path}?fieldManager=one`, { spec: { replicas: 8 }, status: { n: 'x' } });
  await now();
}
