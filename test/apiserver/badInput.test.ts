import type { Answer, TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';

/** Whatever a client sends is answered with a `Status` that says what is wrong, in Kubernetes' words, and where. */
let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
  await api.request('POST', CONFIG_MAPS, { metadata: { name: 'kept', labels: { a: 'b' } }, data: { x: 'y' } });
  await api.request('POST', DEPLOYMENTS, deployment('web'));
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const deployment = (name: string, extra: object = {}) => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } }, ...extra },
});

type Expected = readonly [status: number, message: RegExp];

const told = ({ status, json }: Pick<Answer, 'status' | 'json'>): unknown[] => [status, json?.kind, json?.code, json?.message];
const refusal = ([code, message]: Expected): unknown[] => [code, 'Status', code, expect.stringMatching(message)];

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const manyOperations = JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })));

describe('bodies', () => {
  test.each<[string, string | Buffer, string, ...Expected]>([
    ['cut off', '{"metadata":{"name":"x"', 'application/json', 400, /json parse error: unexpected end of JSON input/],
    ['empty', '', 'application/json', 400, /json parse error: unexpected end of JSON input/],
    ['an array', '[1]', 'application/json', 400, /cannot unmarshal array/],
    ['null', 'null', 'application/json', 422, /^ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required$/],
    ['text behind it', '{} x', 'application/json', 400, /invalid character 'x' after top-level value/],
    ['too deep', nested(20_000), 'application/json', 400, /exceeded max depth/],
    ['deep arrays', '['.repeat(500_000), 'application/json', 400, /exceeded max depth/],
    ['a number without end', `{"metadata":{"generation":${'1'.repeat(500_000)}}}`, 'application/json', 400, /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number 1{100}/],
    ['a number beyond a double', '{"metadata":{"generation":1e999}}', 'application/json', 400, /cannot unmarshal number/],
    ['a wrong type', '{"metadata":{"labels":7}}', 'application/json', 400, /cannot unmarshal number into Go struct field ObjectMeta\.metadata\.labels of type map\[string\]string/],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'application/json', 400, /invalid character/],
    ['a byte order mark', '\ufeff{}', 'application/json', 400, /invalid character/],
    ['gzip', Buffer.from('1f8b08000000000000ffab56ca4d2d494c492c4954b2aaae05008b1b2d0c0d000000', 'hex'), 'application/json', 400, /unrecognized/],
    ['an alias bomb', `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(',')}]`).join('\n')}`, 'application/yaml', 400, /excessive aliasing/],
    ['a merge bomb', `a0: &a0 {x: 1}\n${Array.from({ length: 40 }, (_, index) => `a${index + 1}: &a${index + 1}\n  <<: [*a${index}, *a${index}]`).join('\n')}`, 'application/yaml', 400, /excessive aliasing/],
    ['a merge of no map', '<<: 3', 'application/yaml', 400, /map merge requires map or sequence of maps as the value/],
    ['an alias of itself', 'metadata: &a [*a]', 'application/yaml', 400, /unrecognized/],
    ['a key that is no scalar', 'metadata: {[a]: b}', 'application/yaml', 400, /yaml: invalid map key: \[\]interface \{\}\{"a"\}/],
    ['deep YAML', '['.repeat(10_000), 'application/yaml', 400, /exceeded max depth/],
    ['a tab', 'a:\n\t- b', 'application/yaml', 400, /yaml: line 2/],
    ['a foreign kind', '{"apiVersion":"v1","kind":"Secret"}', 'application/json', 400, /Secret in version "v1" cannot be handled as a ConfigMap/],
    ['an unknown kind', '{"apiVersion":"v1","kind":"constructor"}', 'application/json', 400, /no kind "constructor" is registered for version "v1"/],
    ['a foreign version', '{"apiVersion":"apps/v1","kind":"ConfigMap"}', 'application/json', 400, /does not match the expected API version|no kind/],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415, /accepted media types include: application\/json, application\/yaml/],
    ['a media type that Object knows', '{}', 'constructor', 415, /accepted media types include/],
    ['another that Object knows', '{}', '__proto__', 415, /accepted media types include/],
    ['broken protobuf', Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0xff, 0xff, 0xff])]), 'application/vnd.kubernetes.protobuf', 400, /./],
    ['too long', `{"data":{"a":"${'x'.repeat(3_200_000)}"}}`, 'application/json', 413, /^Request entity too large: limit is 3145728$/],
    ['more than a ConfigMap may hold', `{"metadata":{"name":"large"},"data":{"a":"${'x'.repeat(1_700_000)}"}}`, 'application/json', 422, /^ConfigMap "large" is invalid: \[\]: Too long: may not be more than 1048576 bytes$/],
  ])('%s', async (_, body, type, ...expected) => expect(told(await api.request('POST', CONFIG_MAPS, body, { 'content-type': type }))).toEqual(refusal(expected)));

  test('duplicate and unknown fields: Strict refuses, Warn warns, Ignore is silent, and a thousand of them make no endless header', async () => {
    const body = '{"metadata":{"name":"dup","name":"dup"},"dtaa":{},"data":{}}';
    const ask = (validation: string, text = body) => api.request('POST', `${CONFIG_MAPS}?dryRun=All&fieldValidation=${validation}`, text);
    expect(told(await ask('Strict'))).toEqual(refusal([400, /strict decoding error: unknown field "dtaa", duplicate field "metadata.name"$/]));
    expect((await ask('Warn')).headers['warning']).toBe('299 - "unknown field \\"dtaa\\"", 299 - "duplicate field \\"metadata.name\\""');
    expect((await ask('Ignore')).headers['warning']).toBeUndefined();
    expect(told(await ask('Perhaps'))).toEqual(refusal([422, /fieldValidation: Unsupported value: "Perhaps": supported values: "", "Ignore", "Strict", "Warn"/]));
    const many = `{"metadata":{"name":"many"},${Array.from({ length: 2_000 }, (_, index) => `"${'é'.repeat(300)}${index}":1`).join(',')},"data":{${'"a":"b",'.repeat(5_000)}"a":"b"}}`;
    const warned = await ask('Warn', many);
    expect([warned.status, String(warned.headers['warning']).length < 8_192]).toEqual([201, true]);
    expect((await ask('Strict', many)).text.length).toBeLessThan(200_000);
  });
});

describe('fields', () => {
  test.each<[string, string, string, object, number, string]>([
    ['a label', 'POST', CONFIG_MAPS, { metadata: { name: 'x', labels: { 'a b': 'c' } } }, 422, 'metadata.labels'],
    ['a negative count', 'POST', DEPLOYMENTS, deployment('neg', { replicas: -1 }), 422, 'spec.replicas'],
    ['no container', 'POST', DEPLOYMENTS, { metadata: { name: 'none' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [] } } } }, 422, 'spec.template.spec.containers'],
    ['a selector that cannot be changed', 'PUT', `${DEPLOYMENTS}/web`, deployment('web', { selector: { matchLabels: { app: 'other' } }, template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } }), 422, 'spec.selector'],
    ['a creation time', 'PUT', `${CONFIG_MAPS}/kept`, { metadata: { name: 'kept', creationTimestamp: '2001-01-01T00:00:00Z' } }, 422, 'metadata.creationTimestamp'],
  ])('%s', async (_, method, path, body, code, field) => {
    const { json } = await api.request(method, path, body);
    expect([json.code, json.reason, json.details?.causes?.map((cause: { field: string }) => cause.field)]).toEqual([code, 'Invalid', expect.arrayContaining([field])]);
  });

  test('more than etcd takes', async () => {
    const container = { name: 'c', image: 'i', args: ['x'.repeat(1_700_000)] };
    expect(told(await api.request('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'large' }, spec: { containers: [container] } }))).toEqual(refusal([413, /too large/i]));
  });

  test('an immutable object stays as it is', async () => {
    await api.request('POST', CONFIG_MAPS, { metadata: { name: 'fixed' }, immutable: true, data: { a: 'b' } });
    const { json } = await api.request('PUT', `${CONFIG_MAPS}/fixed`, { metadata: { name: 'fixed' }, immutable: true, data: { a: 'c' } });
    expect(json).toMatchObject({ code: 422, details: { causes: [{ field: 'data', message: expect.stringContaining('field is immutable when `immutable` is set') }] } });
  });
});

describe('queries', () => {
  const token = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each<[string, ...Expected]>([
    ['labelSelector=)', 400, /found '\)', expected: !, identifier, or 'end of string'/],
    ['labelSelector=a+in+b', 400, /unable to parse requirement: found 'b' expected: '\('/],
    ['labelSelector=-a-%3Db', 400, /Invalid value: "-a-"/],
    ['labelSelector=a%3E%3Cb', 400, /unable to parse requirement/],
    ['fieldSelector=a', 400, /invalid selector: 'a'; can't understand 'a'/],
    ['fieldSelector=spec.x%3Dy', 400, /^"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"$/],
    ['fieldSelector=constructor%3Dy', 400, /^"constructor" is not a known field selector/],
    ['fieldSelector=metadata.name%3D%5Cx', 400, /invalid escape sequence/],
    ['limit=x', 400, /^strconv\.ParseInt: parsing "x": invalid syntax$/],
    ['limit=99999999999999999999', 400, /^strconv\.ParseInt: parsing "99999999999999999999": value out of range$/],
    ['timeoutSeconds=1e3', 400, /^strconv\.ParseInt: parsing "1e3": invalid syntax$/],
    ['resourceVersion=x', 400, /^invalid resource version: resourceVersion: Invalid value: "x": strconv\.ParseUint: parsing "x": invalid syntax/],
    ['resourceVersion=-1', 400, /strconv\.ParseUint: parsing "-1": invalid syntax/],
    ['resourceVersion=99999999999999999999999', 400, /strconv\.ParseUint: parsing "99999999999999999999999": value out of range/],
    ['resourceVersionMatch=Exact', 422, /resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided/],
    ['resourceVersion=0&resourceVersionMatch=Exact', 422, /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/],
    ['resourceVersion=1&resourceVersionMatch=Perhaps', 422, /Unsupported value: "Perhaps": supported values: "Exact", "NotOlderThan", ""/],
    [`resourceVersion=1&resourceVersionMatch=Exact&continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a' })}`, 422, /resourceVersionMatch is forbidden when continue is provided/],
    [`resourceVersion=1&continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a' })}`, 400, /^specifying resource version is not allowed when using continue$/],
    ['sendInitialEvents=true', 422, /sendInitialEvents is forbidden for list/],
    ['continue=%21', 400, /^invalid continue token: continue key is not valid: illegal base64 data at input byte 0$/],
    ['continue=bm90IGpzb24', 400, /^invalid continue token: continue key is not valid: invalid character/],
    [`continue=${token({ v: 'v1', rv: 1, start: 'a' })}`, 400, /server does not recognize this encoded version v1$/],
    [`continue=${token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' })}`, 400, /incorrect encoded start resourceVersion \(version meta\.k8s\.io\/v1\)$/],
    [`continue=${token({ v: 'meta.k8s.io/v1', rv: 1.5, start: 'a' })}`, 400, /incorrect encoded start resourceVersion/],
    [`continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: '' })}`, 400, /encoded start key empty \(version meta\.k8s\.io\/v1\)$/],
    [`continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: '../x' })}`, 400, /^invalid continue token: continue key is not valid: \.\.\/x$/],
    ['watch=true&resourceVersionMatch=NotOlderThan', 422, /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided/],
    ['watch=true&resourceVersion=x', 500, /^resourceVersion: Invalid value: "x": strconv\.ParseUint: parsing "x": invalid syntax/],
  ])('%s', async (query, ...expected) => {
    const { status, text } = await api.request('GET', `${CONFIG_MAPS}?${query}`);
    expect(told({ status, json: JSON.parse(text) })).toEqual(refusal(expected));
  });

  test('a watch may be asked to last longer than a timer can', async () => {
    const watch = api.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=9000000&fieldSelector=metadata.name%3Dkept`);
    expect((await watch.next()).type).toBe('ADDED');
    const ended = await Promise.race([watch.ended.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 200))]);
    watch.stop();
    expect(ended).toBe(false);
  });

  test('a grace of a million years is a grace', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await api.request('POST', pods, { metadata: { name: 'old' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } });
    const { status, json } = await api.request('DELETE', `${pods}/old`, { gracePeriodSeconds: 9_000_000_000_000_000 });
    expect([status, json.metadata.deletionGracePeriodSeconds]).toEqual([200, 9_000_000_000_000_000]);
    expect((await api.request('DELETE', `${pods}/old?gracePeriodSeconds=0`)).status).toBe(200);
  });
});

describe('patches', () => {
  const JSON_PATCH = 'application/json-patch+json';
  const MERGE = 'application/merge-patch+json';
  const STRATEGIC = 'application/strategic-merge-patch+json';
  const APPLY = 'application/apply-patch+yaml';
  const GENERIC = /^the server rejected our request due to an error in our request$/;
  /** Operations that stack what no body may have. */
  const stacked = JSON.stringify(Array.from({ length: 12 }, (_, index) => ({ op: 'add', path: `/data${'/a'.repeat(990 * index)}${index === 0 ? '' : '/b'}`, value: JSON.parse(`${'{"a":'.repeat(990)}{}${'}'.repeat(990)}`) })));
  test.each<[string, string, string, ...Expected]>([
    ['no operation list', JSON_PATCH, '{}', 400, /cannot unmarshal object into Go value of type/],
    ['no JSON', JSON_PATCH, '[', 400, /unexpected end of JSON input/],
    ['a path that leads nowhere', JSON_PATCH, '[{"op":"replace","path":"/none/x","value":"x"}]', 422, GENERIC],
    ['a remove of what is not there', JSON_PATCH, '[{"op":"remove","path":"/data/none"}]', 422, GENERIC],
    ['a test that fails', JSON_PATCH, '[{"op":"test","path":"/data/x","value":"z"}]', 422, GENERIC],
    ['an unknown operation', JSON_PATCH, '[{"op":"melt","path":"/data"}]', 422, GENERIC],
    ['no path', JSON_PATCH, '[{"op":"add","value":1}]', 422, GENERIC],
    ['the whole document away', JSON_PATCH, '[{"op":"remove","path":""}]', 422, GENERIC],
    ['a scalar for the document', JSON_PATCH, '[{"op":"replace","path":"","value":5}]', 422, GENERIC],
    ['10,001 operations', JSON_PATCH, manyOperations, 413, /The allowed maximum operations in a JSON patch is 10000, got 10001/],
    ['stacked values', JSON_PATCH, stacked, 422, GENERIC],
    ['a copy that doubles itself', JSON_PATCH, JSON.stringify(Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/metadata', path: `/metadata/x${index}` }))), 422, GENERIC],
    ['a merge patch that is no object', MERGE, '[]', 400, /cannot unmarshal array into Go value of type map\[string\]interface \{\}/],
    ['a merge patch of a wrong type', MERGE, '{"data":{"x":{"y":1}}}', 422, /patch: Invalid value: .*cannot unmarshal object into Go struct field ConfigMap\.data of type string/],
    ['another name', MERGE, '{"metadata":{"name":"other"}}', 400, /does not match the name on the URL/],
    ['a stale version', MERGE, '{"metadata":{"resourceVersion":"1"}}', 409, /the object has been modified/],
    ['a name that is no name', MERGE, '{"metadata":{"labels":{"a b":"c"}}}', 422, /metadata\.labels: Invalid value: "a b"/],
    ['an unknown directive', STRATEGIC, '{"$patch":"melt"}', 500, /^unknown patch type: melt in map: map\[\$patch:melt\]$/],
    ['keys to retain that are no list', STRATEGIC, '{"data":{"$retainKeys":7}}', 400, /invalid patch format of retainKeys/],
    ['an order that is no list', STRATEGIC, '{"$setElementOrder/data":7}', 500, /^expected a \[\]interface \{\}, but received a int64$/],
    ['a deletion without its list', STRATEGIC, '{"metadata":{"$deleteFromPrimitiveList":["a"]}}', 400, /invalid patch format of primitive list/],
    ['an apply by nobody', APPLY, '{}', 422, /fieldManager: Required value: is required for apply patch/],
    ['an apply in CBOR', 'application/apply-patch+cbor', '{}', 415, /^415: Unsupported Media Type$/],
    ['a media type that Object knows', 'toString', '{}', 415, /^415: Unsupported Media Type$/],
  ])('%s', async (_, type, body, ...expected) => expect(told(await api.request('PATCH', `${CONFIG_MAPS}/kept`, body, { 'content-type': type }))).toEqual(refusal(expected)));

  const applied = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\n';
  test.each<readonly [string, string, number, string | RegExp]>([
    ['no YAML', 'a: [', 400, /^error decoding YAML: /],
    ['no JSON', '{"a":', 400, /^error decoding YAML: /],
    ['no object', '[]', 400, /cannot unmarshal array into Go value of type map\[string\]interface \{\}/],
    ['nothing', '', 400, /^error decoding YAML: /],
    ['no kind', '{}', 400, /^invalid object type: \/, Kind=$/],
    ['another kind', 'apiVersion: v1\nkind: Secret', 400, /^invalid object type: \/v1, Kind=Secret$/],
    ['aliases that multiply', `a: &a [${'x,'.repeat(99)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`, 400, /^error decoding YAML: /],
    ['depth', `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400, /exceeded max depth/],
    ['owners', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kept","managedFields":[{}]}}', 400, /^metadata\.managedFields must be nil$/],
    ['another name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}', 400, /does not match the name on the URL/],
    ['a wrong type', `${applied}data: {a: 1}`, 500, /^failed to create typed patch object \(\/kept; \/v1, Kind=ConfigMap\): \.data\.a: expected string, got &value\.valueUnstructured\{Value:1\}$/],
  ])('an apply of %s', async (_, body, code, message) => {
    const answer = await api.request('PATCH', `${CONFIG_MAPS}/kept?fieldManager=me`, body, { 'content-type': APPLY });
    expect(answer.json).toMatchObject({ kind: 'Status', code, message: expect.stringMatching(message) as string });
  });

  test('owners that are none are taken for none', async () => {
    const deep = (depth: number): object => (depth === 0 ? {} : { 'f:a': deep(depth - 1) });
    for (const fieldsV1 of [{ 'k:{': {} }, { [`k:{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`]: {} }, { 'f:__proto__': { 'f:x': {} } }, deep(900)]) {
      const metadata = { managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 }] };
      expect((await api.request('PATCH', `${CONFIG_MAPS}/kept`, { metadata }, { 'content-type': MERGE })).status).toBe(200);
    }
  });

  test('a strategic merge of items without their key is refused, one of fifty thousand items is done in time', async () => {
    const strategic = { 'content-type': STRATEGIC };
    expect(told(await api.request('PATCH', `${DEPLOYMENTS}/web`, { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }, strategic))).toEqual(refusal([500, /^map: map\[image:x\] does not contain declared merge key: name$/]));
    const containers = Array.from({ length: 50_000 }, (_, index) => ({ name: `c${index}`, $patch: 'delete' }));
    expect((await api.request('PATCH', `${DEPLOYMENTS}/web`, { spec: { template: { spec: { containers: [...containers, { name: 'kept', image: 'i' }] } } } }, strategic)).status).toBe(200);
  });
});
