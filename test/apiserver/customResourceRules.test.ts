import { startHandlers, type Answer, type TestApi } from '../rig/apiserver.ts';
import { eventually } from '../rig/processes.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };

type Plain = Record<string, unknown>;

let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(async () => api.close());

const spec = (properties: Plain, more: Plain = {}): Plain => ({ type: 'object', properties: { spec: { type: 'object', properties, ...more }, status: { type: 'object', properties: { ready: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.ready >= 0', message: 'ready must not be negative' }] } } });
const crd = (plural: string, kind: string, schema: Plain): Plain => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.rules.example.com` },
  spec: { group: 'rules.example.com', scope: 'Namespaced', names: { plural, kind }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } }] },
});
const pathOf = (plural: string, rest = ''): string => `/apis/rules.example.com/v1/namespaces/default/${plural}${rest}`;
const thing = (kind: string, name: string, spec: unknown): Plain => ({ apiVersion: 'rules.example.com/v1', kind, metadata: { name }, spec });
const messageOf = ({ json }: Answer): string => json.message;

async function define(plural: string, kind: string, schema: Plain): Promise<void> {
  expect(await api.request('POST', CRDS, crd(plural, kind, schema))).toMatchObject({ status: 201 });
  await eventually(`${plural} are served`, 60_000, async () => ((await api.request('GET', pathOf(plural))).status === 200 ? true : undefined));
}

test('an object that breaks a rule is refused with the message, and what an update leaves alone is let pass', async () => {
  await define(
    'cranes',
    'Crane',
    spec(
      { min: { type: 'integer' }, max: { type: 'integer' }, color: { type: 'string', maxLength: 20, 'x-kubernetes-validations': [{ rule: "self in ['red', 'blue']", messageExpression: "'no crane is ' + self", reason: 'FieldValueForbidden' }] } },
      { 'x-kubernetes-validations': [{ rule: 'self.min <= self.max', message: 'min must not exceed max', fieldPath: '.min' }, { rule: '!has(oldSelf.max) || self.max >= oldSelf.max' }] },
    ),
  );
  const bad = await api.request('POST', pathOf('cranes'), thing('Crane', 'a', { min: 5, max: 3, color: 'green' }));
  expect(bad.status).toBe(422);
  expect(messageOf(bad)).toBe('Crane.rules.example.com "a" is invalid: [spec.min: Invalid value: min must not exceed max, spec.color: Forbidden: no crane is green]');
  expect(bad.json.details.causes).toEqual([{ reason: 'FieldValueInvalid', message: 'Invalid value: min must not exceed max', field: 'spec.min' }, { reason: 'FieldValueForbidden', message: 'Forbidden: no crane is green', field: 'spec.color' }]);
  expect(messageOf(await api.request('POST', pathOf('cranes'), thing('Crane', 'a', { min: 5 })))).toBe('Crane.rules.example.com "a" is invalid: spec: Invalid value: "object": no such key: max evaluating rule: min must not exceed max');
  expect(messageOf(await api.request('POST', pathOf('cranes'), thing('Crane', 'a', { min: 'x', max: 3 })))).toBe(
    'Crane.rules.example.com "a" is invalid: [spec.min: Invalid value: "string": spec.min in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  );
  expect(await api.request('POST', pathOf('cranes'), thing('Crane', 'a', { min: 1, max: 3, color: 'red' }))).toMatchObject({ status: 201 });
  // A rule on a change.
  expect(messageOf(await api.request('PATCH', pathOf('cranes', '/a'), { spec: { max: 2 } }, MERGE))).toBe('Crane.rules.example.com "a" is invalid: spec: Invalid value: failed rule: !has(oldSelf.max) || self.max >= oldSelf.max');
  expect(await api.request('PATCH', pathOf('cranes', '/a'), { spec: { max: 4 } }, MERGE)).toMatchObject({ status: 200 });
  // The status is checked with the object, and by its own door.
  expect(messageOf(await api.request('PATCH', pathOf('cranes', '/a/status'), { status: { ready: -1 } }, MERGE))).toBe('Crane.rules.example.com "a" is invalid: status: Invalid value: ready must not be negative');
  expect(await api.request('PATCH', pathOf('cranes', '/a/status'), { status: { ready: 1 } }, MERGE)).toMatchObject({ status: 200 });

  // What the rules say anew does not stand in the way of other changes, but is told.
  const definition = (await api.request('GET', `${CRDS}/cranes.rules.example.com`)).json;
  definition.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.color['x-kubernetes-validations'] = [{ rule: "self == 'blue'" }];
  expect(await api.request('PUT', `${CRDS}/cranes.rules.example.com`, definition)).toMatchObject({ status: 200 });
  // From now on memory has it, by which objects are judged.
  await api.request('GET', CRDS);
  const changed = await api.request('PATCH', pathOf('cranes', '/a'), { spec: { max: 5 } }, MERGE);
  expect(changed).toMatchObject({ status: 200, json: { spec: { max: 5, color: 'red' } } });
  expect(changed.headers['warning']).toBe('299 - "spec.color: Invalid value: \\"red\\": failed rule: self == \'blue\'"');
  expect(messageOf(await api.request('PATCH', pathOf('cranes', '/a'), { spec: { color: 'green' } }, MERGE))).toBe('Crane.rules.example.com "a" is invalid: spec.color: Invalid value: "green": failed rule: self == \'blue\'');
});

test('a definition whose rules do not compile, or could cost too much, is refused', async () => {
  const refused = async (properties: Plain, more: Plain = {}): Promise<string> => {
    const answer = await api.request('POST', CRDS, crd('faults', 'Fault', spec(properties, more)));
    expect(answer.status).toBe(422);
    return messageOf(answer);
  };
  const at = 'CustomResourceDefinition.apiextensions.k8s.io "faults.rules.example.com" is invalid: ';
  expect(await refused({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.b > 1' }] })).toBe(
    `${at}spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.b \\u003e 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`,
  );
  expect(await refused({ list: { type: 'array', items: { type: 'string' } } }, { 'x-kubernetes-validations': [{ rule: 'self.list.all(x, self.list.exists(y, x == y))' }] })).toContain(
    'properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
  );
  expect(await api.request('GET', `${CRDS}/faults.rules.example.com`)).toMatchObject({ status: 404 });
});
