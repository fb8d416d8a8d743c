import { startHandlers, type Answer, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(async () => api.close());

type Plain = Record<string, unknown>;

/** A schema with a spec of these properties, and a free status. */
const schemaOf = (properties: Plain, more: Plain = {}): Plain => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, ...more }, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
});
const v1 = (properties: Plain, more: Plain = {}): Plain => ({ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: schemaOf(properties), ...more });
const crd = (plural: string, kind: string, versions: Plain[], more: Plain = {}): Plain => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.example.com` },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural, kind }, versions, ...more },
});
const pathOf = (plural: string, rest = '', version = 'v1'): string => `/apis/example.com/${version}/namespaces/default/${plural}${rest}`;
const thing = (kind: string, name: string, spec: unknown, version = 'v1'): Plain => ({ apiVersion: `example.com/${version}`, kind, metadata: { name }, spec });
const messageOf = ({ json }: Answer): string => json.message;

/** Creates a definition and waits until its kind is served. */
async function define(definition: Plain, at = api): Promise<void> {
  const created = await at.request('POST', CRDS, definition);
  expect(created).toMatchObject({ status: 201 });
  const { group, names, versions } = definition['spec'] as { group: string; names: { plural: string }; versions: { name: string }[] };
  await eventually(`${names.plural} are served`, 60_000, async () => ((await at.request('GET', `/apis/${group}/${versions[0]!.name}/${names.plural}`)).status === 200 ? true : undefined));
}

async function change(name: string, edit: (definition: { spec: { versions: Plain[] } & Plain }) => void): Promise<void> {
  const found = (await api.request('GET', `${CRDS}/${name}.example.com`)).json;
  edit(found);
  expect(await api.request('PUT', `${CRDS}/${name}.example.com`, found)).toMatchObject({ status: 200 });
  // Memory follows within milliseconds; what is asked for next is answered from it.
  await api.request('GET', CRDS);
}

async function removed(name: string): Promise<void> {
  await eventually('the definition is gone', 60_000, async () => ((await api.request('GET', `${CRDS}/${name}.example.com`)).status === 404 ? true : undefined));
}

/** What is said of a definition once its names have been looked at: until then nothing is. */
const conditionsOf = (name: string): Promise<Plain[]> => eventually(`${name} has conditions`, 60_000, async () => (await api.request('GET', `${CRDS}/${name}`)).json.status.conditions ?? undefined);

test('a kind is served as soon as its definition is there, and no longer than it', async () => {
  expect(await api.request('GET', pathOf('cranes'))).toMatchObject({ status: 404 });
  for (const each of [crd('cranes', 'Crane', [v1({ size: { type: 'integer' } })]), crd('masts', 'Mast', [v1({})]), crd('keels', 'Keel', [v1({})])]) await define(each);
  const { status } = (await api.request('GET', `${CRDS}/cranes.example.com`)).json;
  expect(status).toMatchObject({ acceptedNames: { plural: 'cranes', singular: 'crane', kind: 'Crane', listKind: 'CraneList' }, storedVersions: ['v1'] });
  expect(status.conditions).toMatchObject([
    { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
  ]);
  for (let n = 0; n < 120; n += 1) expect((await api.request('POST', pathOf('cranes'), thing('Crane', `c${n}`, { size: n }))).status).toBe(201);
  await api.request('PATCH', pathOf('cranes', '/c7'), { metadata: { finalizers: ['example.com/hold'] } }, MERGE);
  const watch = api.watch(`${pathOf('cranes')}?watch=true&resourceVersion=0&fieldSelector=metadata.name=c1`);
  expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { kind: 'Crane' } });

  expect(await api.request('DELETE', `${CRDS}/cranes.example.com`)).toMatchObject({ status: 200, json: { metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] } } });
  await watch.ended;
  await eventually('one is left', 60_000, async () => ((await api.request('GET', pathOf('cranes'))).json.items.length === 1 ? true : undefined));
  const late = await api.request('POST', pathOf('cranes'), thing('Crane', 'late', {}));
  expect(late).toMatchObject({ status: 405, json: { message: 'create not allowed while custom resource definition is terminating' } });
  const terminating = (await conditionsOf('cranes.example.com')).find(({ type }) => type === 'Terminating');
  expect(terminating).toMatchObject({ status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' });
  expect(await api.request('PATCH', pathOf('cranes', '/c7'), { metadata: { finalizers: null } }, MERGE)).toMatchObject({ status: 200 });
  await removed('cranes');
  expect(await api.request('GET', pathOf('cranes'))).toMatchObject({ status: 404 });
});

test('objects are validated, pruned, defaulted; status and generation are kept apart', async () => {
  await define(crd('hoists', 'Hoist', [v1({ load: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'red', enum: ['red', 'blue'] }, tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } })]));
  const bad = await api.request('POST', pathOf('hoists'), thing('Hoist', 'a', { load: 'heavy', color: 'green', tags: ['a', 'a'] }));
  expect(bad.status).toBe(422);
  expect(messageOf(bad)).toBe('Hoist.example.com "a" is invalid: [spec.load: Invalid value: "string": spec.load in body must be of type integer: "string", spec.color: Unsupported value: "green": supported values: "red", "blue", spec.tags[1]: Duplicate value: "a"]');
  const made = await api.request('POST', pathOf('hoists'), { ...thing('Hoist', 'a', { load: 2, secret: 1 }), status: { up: true } });
  expect(made).toMatchObject({ status: 201, json: { metadata: { generation: 1 }, spec: { load: 2, color: 'red' } } });
  expect(made.json.spec.secret).toBeUndefined();
  expect(made.json.status).toBeUndefined();
  expect(made.headers['warning']).toBe('299 - "unknown field \\"spec.secret\\""');
  const strict = await api.request('POST', `${pathOf('hoists')}?fieldValidation=Strict`, '{"apiVersion":"example.com/v1","kind":"Hoist","metadata":{"name":"b","nme":1},"spec":{"load":1,"load":2,"secret":1}}', { 'content-type': 'application/json' });
  expect(messageOf(strict)).toBe('Hoist in version "v1" cannot be handled as a Hoist: strict decoding error: duplicate field "spec.load", unknown field "metadata.nme", unknown field "spec.secret"');
  expect((await api.request('POST', `${pathOf('hoists')}?fieldValidation=Ignore`, thing('Hoist', 'b', { load: 1, secret: 1 }))).headers['warning']).toBeUndefined();

  expect(await api.request('PATCH', pathOf('hoists', '/a'), {}, { 'content-type': 'application/strategic-merge-patch+json' })).toMatchObject({ status: 415 });
  expect(await api.request('PATCH', pathOf('hoists', '/a'), { spec: { load: 3 }, status: { up: true } }, MERGE)).toMatchObject({ status: 200, json: { metadata: { generation: 2 }, spec: { load: 3 } } });
  const changed = await api.request('PATCH', pathOf('hoists', '/a/status'), { metadata: { labels: { a: 'b' } }, spec: { load: 9 }, status: { up: true } }, MERGE);
  expect(changed.json).toMatchObject({ metadata: { generation: 2 }, spec: { load: 3 }, status: { up: true } });
  expect(changed.json.metadata.labels).toBeUndefined();
  expect(await api.request('PATCH', pathOf('hoists', '/a'), [{ op: 'test', path: '/spec/load', value: 3 }, { op: 'replace', path: '/spec/load', value: 4 }], { 'content-type': 'application/json-patch+json' })).toMatchObject({ status: 200, json: { metadata: { generation: 3 }, status: { up: true } } });
  expect(messageOf(await api.request('PUT', pathOf('hoists', '/a'), thing('Hoist', 'a', { load: 1 })))).toBe('hoists.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  expect(messageOf(await api.request('POST', pathOf('hoists'), thing('Winch', 'w', { load: 1 })))).toBe('Winch.example.com "w" is invalid: kind: Invalid value: "Winch": must be Hoist');
  expect(messageOf(await api.request('POST', pathOf('hoists'), thing('Hoist', 'w', {}, 'v3')))).toBe('the API version in the data (example.com/v3) does not match the expected API version (example.com/v1)');
  expect(messageOf(await api.request('POST', pathOf('hoists'), { ...thing('Hoist', 'w', {}), apiVersion: undefined }))).toBe('the API version in the data () does not match the expected API version (example.com/v1)');
  // What is not to be had, or not so.
  const everywhere = '/apis/example.com/v1/hoists';
  for (const [method, path, body] of [['POST', everywhere, thing('Hoist', 'w', {})], ['DELETE', everywhere, undefined], ['GET', `${everywhere}/a`, undefined]] as const) expect(await api.request(method, path, body)).toMatchObject({ status: 404 });
  expect(await api.request('GET', pathOf('hoists', '/a/scale'))).toMatchObject({ status: 404, json: { message: 'hoists.example.com "a" not found' } });
  expect(await api.request('DELETE', pathOf('hoists', '/a/status'))).toMatchObject({ status: 405, json: { message: 'delete is not supported on resources of kind "hoists.example.com"', details: { group: 'example.com', kind: 'hoists' } } });
  expect(messageOf(await api.request('GET', pathOf('hoists'), undefined, { accept: 'text/html' }))).toBe('only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf');
  expect(await api.request('GET', `${pathOf('hoists')}?watch=true&timeoutSeconds=1`, undefined, { accept: 'application/yaml, application/json;q=0.1' })).toMatchObject({ status: 406 });

  // What the schema says anew holds for what is stored, and a fault that was there before does not stand in the way of other changes.
  await change('hoists', ({ spec }) => {
    spec.versions = [v1({ load: { type: 'integer', maximum: 1 }, height: { type: 'integer', default: 5 }, color: { type: 'string' } })];
  });
  expect((await api.request('GET', pathOf('hoists', '/a'))).json.spec).toEqual({ load: 4, color: 'red', height: 5 });
  expect(await api.request('PATCH', pathOf('hoists', '/a'), { spec: { color: 'green' } }, MERGE)).toMatchObject({ status: 200, json: { spec: { load: 4, color: 'green' } } });
  expect(messageOf(await api.request('PATCH', pathOf('hoists', '/a'), { spec: { load: 5 } }, MERGE))).toBe('Hoist.example.com "a" is invalid: spec.load: Invalid value: 5: spec.load in body should be less than or equal to 1');
});

test('versions without conversion differ by their name; the storage version is what etcd holds', async () => {
  const v2 = { ...v1({ size: { type: 'integer' }, extra: { type: 'string', default: 'x' } }), name: 'v2', storage: false };
  await define(crd('winches', 'Winch', [v1({ size: { type: 'integer' } }), v2, { ...v2, name: 'v0', served: false }]));
  expect(await api.request('GET', pathOf('winches', '', 'v0'))).toMatchObject({ status: 404 });
  expect(await api.request('POST', pathOf('winches', '', 'v2'), thing('Winch', 'a', { size: 1 }, 'v2'))).toMatchObject({ status: 201, json: { apiVersion: 'example.com/v2', spec: { size: 1, extra: 'x' } } });
  const stored = async (): Promise<{ apiVersion: string }> => (await api.serving.engine.storage.get('/registry/example.com/winches/default/a'))!.object;
  expect(await stored()).toMatchObject({ apiVersion: 'example.com/v1' });
  expect((await api.request('GET', pathOf('winches', '/a'))).json).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 1 } });
  const watch = api.watch(`${pathOf('winches', '', 'v2')}?watch=true`);
  expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { apiVersion: 'example.com/v2', spec: { extra: 'x' } } });
  watch.stop();
  await change('winches', ({ spec }) => {
    for (const version of spec.versions) version['storage'] = version['name'] === 'v2';
  });
  expect((await api.request('GET', `${CRDS}/winches.example.com`)).json.status.storedVersions).toEqual(['v1', 'v2']);
  expect((await api.request('GET', pathOf('winches', '/a'))).json).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 1 } });
  expect(await api.request('PATCH', pathOf('winches', '/a'), { spec: { size: 2 } }, MERGE)).toMatchObject({ status: 200, json: { apiVersion: 'example.com/v1' } });
  expect(await stored()).toMatchObject({ apiVersion: 'example.com/v2' });
  const forgetful = (await api.request('GET', `${CRDS}/winches.example.com`)).json;
  forgetful.spec.versions = forgetful.spec.versions.filter(({ name }: { name: string }) => name !== 'v1');
  expect(messageOf(await api.request('PUT', `${CRDS}/winches.example.com`, forgetful))).toContain('status.storedVersions[0]: Invalid value: "v1": missing from spec.versions');
  forgetful.status.storedVersions = ['v2'];
  expect(messageOf(await api.request('PUT', `${CRDS}/winches.example.com/status`, { ...forgetful, spec: undefined }))).toBeUndefined();
  expect((await api.request('GET', `${CRDS}/winches.example.com`)).json.status.storedVersions).toEqual(['v2']);
});

test('scale, columns and fields to select by are those of the definition', async () => {
  const fleet = v1(
    { replicas: { type: 'integer' }, color: { type: 'string' } },
    {
      subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } },
      additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }, { name: 'Wide', type: 'integer', jsonPath: '.spec.replicas', priority: 1 }, { name: 'Born', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
      selectableFields: [{ jsonPath: '.spec.color' }],
    },
  );
  await define(crd('fleets', 'Fleet', [fleet]));
  await api.request('POST', pathOf('fleets'), thing('Fleet', 'a', { replicas: 2, color: 'red' }));
  await api.request('POST', pathOf('fleets'), thing('Fleet', 'b', { color: 'blue' }));
  await api.request('PATCH', pathOf('fleets', '/a/status'), { status: { replicas: 1, selector: 'app=a' } }, MERGE);
  expect((await api.request('GET', pathOf('fleets', '/a/scale'))).json).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 }, status: { replicas: 1, selector: 'app=a' } });
  expect(messageOf(await api.request('GET', pathOf('fleets', '/b/scale')))).toBe('Internal error occurred: the spec replicas field ".spec.replicas" does not exist');
  // It can be set by its scale all the same.
  expect(messageOf(await api.request('PATCH', pathOf('fleets', '/b/scale'), { metadata: { labels: { a: 'b' } } }, MERGE))).toBe('the spec replicas field ".spec.replicas" cannot be empty');
  expect(await api.request('PUT', pathOf('fleets', '/b/scale?dryRun=All'), { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'b', namespace: 'default' } })).toMatchObject({ status: 200 });
  expect((await api.request('PATCH', pathOf('fleets', '/b/scale?dryRun=All'), { spec: { replicas: 4 } }, MERGE)).json.spec).toEqual({ replicas: 4 });
  expect(messageOf(await api.request('PATCH', pathOf('fleets', '/b/scale'), { spec: { replicas: -1 } }, MERGE))).toBe('Fleet.example.com "b" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer');
  expect((await api.request('PATCH', pathOf('fleets', '/a/scale'), { spec: { replicas: 5 } }, MERGE)).json.spec).toEqual({ replicas: 5 });
  expect((await api.request('GET', pathOf('fleets', '/a'))).json).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
  const table = (await api.request('GET', pathOf('fleets'), undefined, TABLE)).json;
  expect(table.columnDefinitions.map(({ name, type, priority }: Plain) => [name, type, priority])).toEqual([['Name', 'string', 0], ['Color', 'string', 0], ['Wide', 'integer', 1], ['Born', 'date', 0]]);
  expect(table.rows.map(({ cells }: { cells: unknown[] }) => cells.slice(0, 3))).toEqual([['a', 'red', 5], ['b', 'blue', null]]);
  const selected = (await api.request('GET', `${pathOf('fleets')}?fieldSelector=spec.color=blue`)).json;
  expect(selected.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['b']);
  expect(messageOf(await api.request('GET', `${pathOf('fleets')}?fieldSelector=spec.replicas=5`))).toBe('field label not supported: spec.replicas');
  expect(await api.request('DELETE', `${pathOf('fleets')}?fieldSelector=spec.color=blue`)).toMatchObject({ status: 200 });
  expect((await api.request('GET', pathOf('fleets'))).json).toMatchObject({ kind: 'FleetList', items: [{ metadata: { name: 'a' } }] });
});

test('two definitions cannot have one name; the second gets it when the first is gone', async () => {
  await define(crd('buoys', 'Buoy', [v1({})], { names: { plural: 'buoys', kind: 'Buoy', shortNames: ['bu'] } }));
  expect(await api.request('POST', CRDS, crd('buns', 'Bun', [v1({})], { names: { plural: 'buns', kind: 'Bun', shortNames: ['bu'] } }))).toMatchObject({ status: 201 });
  expect(await conditionsOf('buns.example.com')).toMatchObject([
    { type: 'NamesAccepted', status: 'False', reason: 'ShortNamesConflict', message: '"bu" is already in use' },
    { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
  ]);
  expect(await api.request('GET', pathOf('buns'))).toMatchObject({ status: 404 });
  await api.request('DELETE', `${CRDS}/buoys.example.com`);
  await eventually('the other is served', 60_000, async () => ((await api.request('GET', pathOf('buns'))).status === 200 ? true : undefined));
});

test('every API server serves it at once, and again after a restart', async () => {
  let other = await startHandlers({}, { endpoints: api.etcd.endpoints });
  try {
    await define(crd('quays', 'Quay', [v1({ length: { type: 'integer' } })]));
    // The other has not been asked to wait: what it does not know yet it asks etcd for before it says no.
    expect(await other.request('POST', pathOf('quays'), thing('Quay', 'a', { length: 1 }))).toMatchObject({ status: 201 });
    expect(await api.request('GET', pathOf('quays', '/a'))).toMatchObject({ status: 200 });
    await other.close();
    other = await startHandlers({}, { endpoints: api.etcd.endpoints });
    expect(await other.request('GET', pathOf('quays', '/a'))).toMatchObject({ status: 200, json: { spec: { length: 1 } } });
    await api.request('DELETE', `${CRDS}/quays.example.com`);
    await removed('quays');
    await eventually('the other serves it no longer', 60_000, async () => ((await other.request('GET', pathOf('quays'))).status === 404 ? true : undefined));
  } finally {
    await other.close();
  }
});

test('a definition that makes no sense is refused, and a kind that is built in is not displaced', async () => {
  const refused = async (properties: Plain): Promise<string> => messageOf(await api.request('POST', CRDS, crd('odds', 'Odd', [v1(properties)])));
  expect(await refused({ list: { type: 'array', items: { type: 'object', properties: 5 } } })).toMatch(/^CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: json: cannot unmarshal number into Go struct field /);
  expect(await refused({ map: { type: 'object', additionalProperties: 'yes' } })).toContain('boolean or JSON schema expected');
  expect(await refused({ list: { type: 'array', items: { type: 'string', pattern: '(' } } })).toContain("must be a valid regular expression, but isn't: error parsing regexp:");
  const builtin = { ...crd('leases', 'Lease', [v1({}), { ...v1({}), name: 'v9', storage: false }]), metadata: { name: 'leases.coordination.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } } };
  expect(await api.request('POST', CRDS, { ...builtin, spec: { ...(builtin as { spec?: Plain }).spec, group: 'coordination.k8s.io' } })).toMatchObject({ status: 201 });
  const lease = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  expect(await api.request('POST', lease, { metadata: { name: 'l' }, spec: { leaseDurationSeconds: 5 } })).toMatchObject({ status: 201, json: { kind: 'Lease', spec: { leaseDurationSeconds: 5 } } });
  const conditions = await conditionsOf('leases.coordination.k8s.io');
  expect(await api.request('GET', '/apis/coordination.k8s.io/v9/leases')).toMatchObject({ status: 404 });
  expect(conditions.at(-1)).toMatchObject({ type: 'KubernetesAPIApprovalPolicyConformant', status: 'False', reason: 'UnapprovedAnnotation', message: 'not approved: "unapproved, a test"' });
  await api.request('DELETE', `${CRDS}/leases.coordination.k8s.io`);
  await eventually('the definition is gone', 60_000, async () => ((await api.request('GET', `${CRDS}/leases.coordination.k8s.io`)).status === 404 ? true : undefined));
  expect(await api.request('GET', `${lease}/l`)).toMatchObject({ status: 200 });
});

test('a pattern that would backtrack for ever does not', async () => {
  await define(crd('knots', 'Knot', [v1({ rope: { type: 'string', pattern: '^(a+)+$' } })]));
  // It would take longer than there are seconds.
  expect(await api.request('POST', pathOf('knots'), thing('Knot', 'a', { rope: `${'a'.repeat(5_000)}b` }))).toMatchObject({ status: 422 });
});
