import type { Comparison } from '../oracle/comparison.ts';
import type { Request } from './exchange.ts';
import { RawExchange } from './rawExchange.ts';
import type { Pair } from './referenceServer.ts';
import { API_VERSION, GLOBALS, local, LOCALS, put, withKinds } from './requestKinds.ts';

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const A = `${LOCALS}/a`;
const TYPES = ['', 'application/json', 'application/yaml', 'text/plain', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;x', 'application/*', '*/*', 'json', ';', 'application/x-www-form-urlencoded', 'application/json, application/yaml', 'application/cbor'];
const BODIES = [
  '', '{}', '[]', 'null', '1', '"x"', '{', '{"a":', 'x', '{"kind":"Local"}', '{"apiVersion":"v1"}', `{"apiVersion":"${API_VERSION}"}`, '{}{}', `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f"}} x`, ' ', '\n', '{"kind":1}', '{"apiVersion":{}}', 'a: b\nc: d', `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":[]}`,
  `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":1}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"labels":{"a":1}}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f","creationTimestamp":"x"}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f","unknown":1}}`,
  `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f"},"spec":{"size":1,"size":2}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f"},"Spec":{"size":1}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","kind":"Local","metadata":{"name":"f"}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":null}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f","generation":"x"}}`, `{"apiVersion":"${API_VERSION}","kind":"Local","metadata":{"name":"f"},"spec":null}`,
];

/** Which each parser words in its own way, or where they part: Go's stops at the end of the first document. */
const YAML_FAULTS: ReadonlySet<string> = new Set(['{', '{"a":', '{}{}', ...BODIES.filter((body) => body.endsWith(' x') || /"size":1,"size"|"kind":"Local","kind"/.test(body))]);

type Metadata = Readonly<Record<string, unknown>>;
const METADATA: readonly Metadata[] = [
  {}, { name: '' }, { name: 'A' }, { name: 'a/b' }, { name: '..' }, { name: 'a%b' }, { name: 'x'.repeat(254) }, { generateName: 'g-' }, { name: 'f', generateName: 'G_' }, { name: 'f', namespace: 'other' }, { name: 'f', namespace: '' }, { name: 'f', namespace: 'default' }, { name: 'f', resourceVersion: '5' }, { name: 'f', resourceVersion: '0' }, { name: 'f', resourceVersion: 'x' },
  { name: 'f', uid: 'x' }, { name: 'f', generation: 7 }, { name: 'f', generation: -1 }, { name: 'f', selfLink: '/x' }, { name: 'f', creationTimestamp: '2020-01-01T00:00:00Z' }, { name: 'f', deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 }, { name: 'f', labels: { 'a b': 'c' } }, { name: 'f', labels: { a: 'x y' } }, { name: 'f', annotations: { 'A B': 'x' } }, { name: 'f', annotations: { a: 'x'.repeat(262_145) } }, { name: 'f', finalizers: ['x'] }, { name: 'f', finalizers: ['example.com/x', 'a b'] }, { name: 'f', finalizers: ['orphan', 'foregroundDeletion'] },
  { name: 'f', ownerReferences: [{}] }, { name: 'f', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y', controller: true }, { apiVersion: 'v1', kind: 'Pod', name: 'z', uid: 'z', controller: true }] }, { name: 'f', ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'x', uid: 'y' }] }, { name: 'f', ownerReferences: [{ apiVersion: 'a/b/c', kind: 'X', name: 'x', uid: 'y' }] },
  { name: 'f', managedFields: [] }, { name: 'f', managedFields: [{}] }, { name: 'f', managedFields: [{ manager: 'x', operation: 'Update', apiVersion: API_VERSION, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} } }] }, { name: 'f', managedFields: [{ manager: 'x', operation: 'Other', apiVersion: API_VERSION, fieldsType: 'FieldsV1', fieldsV1: {} }] }, { name: 'f', managedFields: [{ manager: 'x', operation: 'Update', apiVersion: API_VERSION, fieldsType: 'x', fieldsV1: {} }] }, { name: 'f', managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'x/y/z', fieldsType: 'FieldsV1', fieldsV1: { x: {} } }] },
];
const OPTIONS = ['', 'dryRun=All', 'dryRun=', 'dryRun=x', 'dryRun=All&dryRun=All', 'dryRun=all', 'fieldManager=m', 'fieldManager=', `fieldManager=${'x'.repeat(129)}`, 'fieldManager=a%0Ab', 'fieldManager=%C3%BC', 'fieldValidation=Strict', 'fieldValidation=strict', 'fieldValidation=Ignore', 'fieldValidation=', 'force=true', 'force=x', 'force=false', 'unknown=x', 'pretty=true', 'dryRun=x&fieldManager=a%0Ab&fieldValidation=y'];

/** Sends requests, each to an object `a` that is as it was. */
async function each(pair: Pair, requests: readonly Request[], exchange: RawExchange): Promise<void> {
  const reset = async (): Promise<void> => {
    for (const side of [pair.gantry, pair.kubernetes]) await side.request('DELETE', LOCALS);
    // What a finalizer holds is let go.
    for (const side of [pair.gantry, pair.kubernetes]) {
      const left = (await side.request('GET', LOCALS)).json as { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
      for (const { metadata } of left.items) await side.request('PATCH', `${LOCALS}/${metadata.name}`, { metadata: { finalizers: null } }, MERGE_PATCH);
    }
    await put(pair, LOCALS, [local('a', { spec: { size: 1, color: 'red', parts: ['x', 'y'], replicas: 2 } }, { labels: { l: 'v' } })]);
  };
  await reset();
  for (const request of requests) {
    const { gantry } = await exchange.both(request);
    if (gantry.status < 300) await reset();
  }
}

export async function compareCreations(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  const post = (body: unknown, query = '', headers: Record<string, string> = {}): Request => ({ method: 'POST', path: `${LOCALS}${query === '' ? '' : `?${query}`}`, body, headers });
  await each(pair, [
    ...TYPES.map((type) => post(JSON.stringify(local('f')), '', type === '' ? {} : { 'content-type': type })),
    ...BODIES.flatMap((body) => ['', 'fieldValidation=Strict'].map((query) => post(body, query, { 'content-type': 'application/json' }))),
    ...BODIES.filter((body) => !YAML_FAULTS.has(body)).map((body) => post(body, '', { 'content-type': 'application/yaml' })),
    ...METADATA.filter(({ generateName, name }) => generateName !== 'g-' || name).map((metadata) => post({ apiVersion: API_VERSION, kind: 'Local', metadata })),
    ...OPTIONS.map((query) => post(local('f', { spec: { odd: 1 } }), query)),
    ...['v1', 'requests.example.com/v2', 'requests.example.com/v9', 'other/v1', 'a/b/c', ''].flatMap((apiVersion) => ['Local', 'Global', 'local', ''].map((kind) => post({ ...local('f'), apiVersion, kind }))),
    post(local('a')),
    { method: 'POST', path: '/apis/requests.example.com/v1/namespaces/missing/locals', body: local('f') },
    { method: 'POST', path: '/apis/requests.example.com/v1/namespaces/missing/locals?dryRun=All', body: local('f') },
    { method: 'POST', path: '/apis/requests.example.com/v1/namespaces/A_b/locals', body: local('f') },
    { method: 'POST', path: GLOBALS, body: { apiVersion: API_VERSION, kind: 'Global', metadata: { name: 'f', namespace: 'default' } } },
    { method: 'DELETE', path: GLOBALS },
  ], exchange);
  return exchange.differences;
}

export async function compareUpdates(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  const spec = { spec: { size: 2 } };
  const update = (body: unknown, query = '', headers: Record<string, string> = {}, path = A): Request => ({ method: 'PUT', path: `${path}${query === '' ? '' : `?${query}`}`, body, headers });
  await each(pair, [
    update(local('a', spec)),
    ...METADATA.map((metadata) => update({ apiVersion: API_VERSION, kind: 'Local', metadata: { resourceVersion: '1', ...metadata, name: metadata['name'] === 'f' ? 'a' : metadata['name'] }, ...spec })),
    ...BODIES.map((body) => update(body, '', { 'content-type': 'application/json' })),
    ...OPTIONS.map((query) => update(local('a', spec, { resourceVersion: '1' }), query)),
    update(local('missing', spec), '', {}, `${LOCALS}/missing`),
    update(local('missing', spec, { resourceVersion: '5' }), '', {}, `${LOCALS}/missing`),
    update(local('missing', spec, { uid: 'x' }), '', {}, `${LOCALS}/missing`),
    update(local('a', { status: { phase: 'x' } }), '', {}, `${A}/status`),
    update({ ...local('a'), kind: 'Global' }),
    update({ ...local('a'), apiVersion: 'requests.example.com/v2' }),
    update({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 5 } }, '', {}, `${A}/scale`),
    update({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a', resourceVersion: '1' }, spec: { replicas: 5 } }, '', {}, `${A}/scale`),
    update({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'b' }, spec: { replicas: 5 } }, '', {}, `${A}/scale`),
    update({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: -5 } }, '', {}, `${A}/scale`),
  ], exchange);
  return exchange.differences;
}

/** Without those that Debian's library takes otherwise than the older one that Kubernetes has. */
const JSON_PATCHES = [
  '', '{}', '[', '[]', '[1]', 'null', '"x"', '[{"op":"add","path":"/spec/size","value":5}]', '[{"op":"add","path":"spec","value":5}]', '[{"op":"add","path":"","value":{}}]', '[{"op":"replace","path":"/none/none","value":5}]', '[{"op":"remove","path":"/spec/none"}]', '[{"op":"remove","path":"/spec/size"}]', '[{"op":"test","path":"/spec/size","value":2}]', '[{"op":"test","path":"/spec/size","value":1}]', '[{"op":"test","path":"/spec/none","value":null}]', '[{"op":"test","path":"/x/y","value":1}]',
  '[{"op":"copy","from":"/spec/size","path":"/spec/replicas"}]', '[{"op":"move","from":"/spec/size","path":"/spec/replicas"}]', '[{"op":"add","path":"/spec/parts/0","value":"z"}]', '[{"op":"add","path":"/spec/parts/-","value":"z"}]', '[{"op":"add","path":"/spec/parts/9","value":"z"}]', '[{"op":"add","path":"/spec/parts/-1","value":"z"}]', '[{"op":"remove","path":"/spec/parts/5"}]', '[{"op":"add","path":"/spec/parts/x","value":"z"}]', '[{"op":"replace","path":"/metadata/name","value":"b"}]', '[{"op":"remove","path":"/metadata/name"}]', '[{"op":"replace","path":"/metadata/uid","value":"b"}]', '[{"op":"replace","path":"/metadata/namespace","value":"b"}]', '[{"op":"replace","path":"/metadata/resourceVersion","value":"1"}]', '[{"op":"remove","path":"/metadata/resourceVersion"}]', '[{"op":"replace","path":"/kind","value":"b"}]', '[{"op":"remove","path":"/apiVersion"}]', '[{"op":"add","path":"/metadata/labels/a~1b","value":"c"}]', '[{"op":"add","path":"/spec/size","value":"x"}]', '[{"op":"add","path":"/spec/odd","value":"x"}]', '[{"op":"remove","path":""}]', '[{"op":"test","path":"","value":{}}]',
];
/** Without those whose refusal shows the object, in an order that differs, and what schemas say. */
const MERGE_PATCHES = ['', '{', '[]', '1', '{}', '{"spec":null}', '{"spec":{"size":null}}', '{"spec":{"size":3,"color":null}}', '{"spec":{"size":"x"}}', '{"metadata":null}', '{"metadata":{"name":"b"}}', '{"metadata":{"name":null}}', '{"metadata":{"uid":"x"}}', '{"metadata":{"namespace":"x"}}', '{"metadata":{"resourceVersion":"1"}}', '{"metadata":{"resourceVersion":"x"}}', '{"metadata":{"resourceVersion":""}}', '{"metadata":{"resourceVersion":null}}', '{"metadata":{"labels":null}}', '{"metadata":{"labels":{"l":null}}}', '{"metadata":{"generation":9}}', '{"metadata":{"creationTimestamp":null}}', '{"metadata":{"managedFields":[]}}', '{"metadata":{"managedFields":[{}]}}', '{"metadata":{"managedFields":null}}', '{"metadata":{"finalizers":["x"]}}', '{"metadata":{"deletionTimestamp":"2020-01-01T00:00:00Z"}}', '{"kind":"x"}', '{"apiVersion":"x"}', '{"apiVersion":null}', '{"status":{"phase":"x"}}', '{"spec":{"parts":[1]}}', '{"spec":{"parts":null}}', '{}x'];
const STATUS_PATCHES = ['', '{', '[]', '{}', '{"spec":null}', '{"status":{"phase":"x"}}'];
const APPLIED = (more: object = {}, metadata: object = {}): string => JSON.stringify(local('a', more, metadata));

export async function comparePatches(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  const patch = (headers: Record<string, string>, body: string, query = '', path = A): Request => ({ method: 'PATCH', path: `${path}${query === '' ? '' : `?${query}`}`, body, headers });
  await each(pair, [
    ...JSON_PATCHES.map((body) => patch(JSON_PATCH, body)),
    ...MERGE_PATCHES.flatMap((body) => ['', 'fieldValidation=Strict'].map((query) => patch(MERGE_PATCH, body, query))),
    ...STATUS_PATCHES.map((body) => patch(MERGE_PATCH, body, '', `${A}/status`)),
    ...STATUS_PATCHES.slice(0, 4).map((body) => patch(MERGE_PATCH, body, '', `${A}/scale`)),
    patch(MERGE_PATCH, '{"spec":{"replicas":7}}', '', `${A}/scale`),
    patch(MERGE_PATCH, '{"status":{"phase":"y"},"spec":{"size":9}}', '', `${A}/status`),
    patch(STRATEGIC, '{}'),
    ...TYPES.map((type) => patch(type === '' ? {} : { 'content-type': type }, '{}')),
    patch({ 'content-type': 'application/merge-patch+json; charset=utf-8' }, '{"spec":{"size":4}}'),
    patch({ 'content-type': 'Application/Merge-Patch+JSON' }, '{"spec":{"size":4}}'),
    patch(MERGE_PATCH, '{}', '', `${LOCALS}/missing`),
    patch(JSON_PATCH, '[]', '', `${LOCALS}/missing`),
    patch(MERGE_PATCH, '{', '', `${LOCALS}/missing`),
    ...OPTIONS.map((query) => patch(MERGE_PATCH, '{"spec":{"size":4}}', query)),
    ...OPTIONS.map((query) => patch(APPLY, APPLIED({ spec: { size: 4 } }), query)),
    ...['{}', '[]', 'x', '1', 'a: b', 'apiVersion: v1', APPLIED(), APPLIED({ spec: { size: 1 } }), APPLIED({ spec: { size: 5 } }), APPLIED({ spec: { size: 'x' } }), APPLIED({ spec: { odd: 1 } }), APPLIED({ odd: 1 }), APPLIED({}, { name: 'b' }), APPLIED({}, { namespace: 'x' }), APPLIED({}, { uid: 'x' }), APPLIED({}, { resourceVersion: '1' }), APPLIED({}, { managedFields: [] }), APPLIED({}, { managedFields: [{}] }), APPLIED({}, { creationTimestamp: null }), APPLIED({}, { generation: 5 }), APPLIED({ spec: null }), APPLIED({ kind: 'Global' }), APPLIED({ apiVersion: 'v1' }), APPLIED({ kind: '' }), APPLIED({ status: { phase: 'x' } })].flatMap((body) =>
      ['fieldManager=m', 'fieldManager=m&force=true'].map((query) => patch(APPLY, body, query)),
    ),
    ...['fieldManager=m', 'fieldManager=m&dryRun=All', ''].map((query) => patch(APPLY, JSON.stringify(local('new', { spec: { size: 1 } })), query, `${LOCALS}/new`)),
    patch(APPLY, JSON.stringify(local('new', {}, { resourceVersion: '1' })), 'fieldManager=m', `${LOCALS}/new`),
    patch(APPLY, JSON.stringify(local('new', {}, { uid: '1' })), 'fieldManager=m', `${LOCALS}/new`),
    patch(APPLY, JSON.stringify(local('A_b')), 'fieldManager=m', `${LOCALS}/A_b`),
    patch(APPLY, APPLIED({ status: { phase: 'x' } }), 'fieldManager=m', `${A}/status`),
  ], exchange);
  return exchange.differences;
}

const DELETE_BODIES = [
  '{}', '{"kind":"DeleteOptions"}', '{"kind":"DeleteOptions","apiVersion":"v1"}', '{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/v1"}', `{"kind":"DeleteOptions","apiVersion":"${API_VERSION}"}`, '{"kind":"DeleteOptions","apiVersion":"other/v1"}', '{"kind":"Other","apiVersion":"v1"}', '[]', '{', 'x', 'null', '{"gracePeriodSeconds":0}', '{"gracePeriodSeconds":-1}', '{"gracePeriodSeconds":30}', '{"gracePeriodSeconds":"x"}', '{"propagationPolicy":"Foreground"}', '{"propagationPolicy":"Orphan"}', '{"propagationPolicy":"Background"}', '{"propagationPolicy":"x"}', '{"propagationPolicy":""}', '{"orphanDependents":true}', '{"orphanDependents":false}', '{"orphanDependents":true,"propagationPolicy":"Orphan"}', '{"orphanDependents":"x"}', '{"preconditions":{"uid":"x"}}', '{"preconditions":{"resourceVersion":"x"}}', '{"preconditions":{}}', '{"preconditions":{"uid":""}}', '{"dryRun":["All"]}', '{"dryRun":["x"]}', '{"dryRun":[]}', '{"dryRun":"All"}', '{"unknown":1}', '{"dryRun":["All"],"propagationPolicy":"Foreground"}', '{"ignoreStoreReadErrorWithClusterBreakingPotential":true}', '{"ignoreStoreReadErrorWithClusterBreakingPotential":false}', '{"ignoreStoreReadErrorWithClusterBreakingPotential":true,"gracePeriodSeconds":1}',
];
const DELETE_QUERIES = ['dryRun=All', 'dryRun=x', 'gracePeriodSeconds=0', 'gracePeriodSeconds=x', 'gracePeriodSeconds=', 'propagationPolicy=Foreground', 'propagationPolicy=Orphan', 'propagationPolicy=x', 'propagationPolicy=', 'orphanDependents=true', 'orphanDependents=false', 'orphanDependents=x', 'orphanDependents=true&propagationPolicy=Orphan', 'uid=x', 'unknown=1', 'pretty=true', 'ignoreStoreReadErrorWithClusterBreakingPotential=true'];

export async function compareDeletions(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  await each(pair, [
    ...DELETE_BODIES.map((body): Request => ({ method: 'DELETE', path: A, body, headers: { 'content-type': 'application/json' } })),
    ...DELETE_BODIES.map((body): Request => ({ method: 'DELETE', path: LOCALS, body, headers: { 'content-type': 'application/json' } })),
    ...DELETE_QUERIES.flatMap((query): Request[] => [A, LOCALS].map((path) => ({ method: 'DELETE', path: `${path}?${query}` }))),
    ...TYPES.map((type): Request => ({ method: 'DELETE', path: A, body: '{}', headers: type === '' ? {} : { 'content-type': type } })),
    ...['labelSelector=l%3Dv', 'labelSelector=l%3Dx', 'labelSelector=%3D%3D', 'fieldSelector=metadata.name%3Da', 'fieldSelector=x%3Dy', 'limit=1', 'limit=x', 'resourceVersion=0', 'resourceVersion=x', 'resourceVersionMatch=Exact', 'continue=x', 'watch=true', 'timeoutSeconds=1', 'timeoutSeconds=x', 'sendInitialEvents=true'].map((query): Request => ({ method: 'DELETE', path: `${LOCALS}?${query}` })),
    { method: 'DELETE', path: `${LOCALS}/missing` },
    { method: 'DELETE', path: `${LOCALS}/missing?dryRun=All` },
    { method: 'DELETE', path: `${LOCALS}/missing`, body: '{"preconditions":{"uid":"x"}}', headers: { 'content-type': 'application/json' } },
  ], exchange);
  const held = local('held', {}, { finalizers: ['example.com/x'] });
  await put(pair, LOCALS, [held]);
  // A garbage collector would take away its own finalizers, and only Gantry has one.
  for (const query of ['dryRun=All', '', 'propagationPolicy=Background', 'gracePeriodSeconds=0']) await exchange.both({ method: 'DELETE', path: `${LOCALS}/held?${query}` });
  await exchange.both({ method: 'PATCH', path: `${LOCALS}/held`, body: '{"metadata":{"finalizers":["example.com/x","example.com/y"]}}', headers: MERGE_PATCH });
  await exchange.both({ method: 'PATCH', path: `${LOCALS}/held`, body: '{"metadata":{"deletionTimestamp":null}}', headers: MERGE_PATCH });
  await exchange.both({ method: 'PATCH', path: `${LOCALS}/held`, body: '{"spec":{"size":2}}', headers: MERGE_PATCH });
  await exchange.both({ method: 'PATCH', path: `${LOCALS}/held?dryRun=All`, body: '{"metadata":{"finalizers":null}}', headers: MERGE_PATCH });
  await exchange.both({ method: 'PATCH', path: `${LOCALS}/held`, body: '{"metadata":{"finalizers":null}}', headers: MERGE_PATCH });
  await exchange.both({ method: 'GET', path: `${LOCALS}/held` });
  return exchange.differences;
}
