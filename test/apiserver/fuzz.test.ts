import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { RandomInput } from '../../api/schema/randomInput.ts';
import { send, type Answer, type TestApi } from '../rig/apiserver.ts';
import { startHandlers } from '../rig/apiserver.ts';
import { ANSWERED_AS_KUBERNETES } from '../fuzz/answeredAsKubernetes.ts';

/** Thousands of random requests over real sockets; afterwards the server works, and so does everything that it holds. */
const REQUESTS = 4_000;
const CLIENTS = 16;
const MERGE = { 'content-type': 'application/merge-patch+json' };
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const TYPES = ['application/json', 'application/json', 'application/yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'constructor'];

const schema = loadSchema();
const definitions = builtinDefinitions.filter(({ verbs }) => verbs === undefined || verbs.includes('delete'));
let api: TestApi;
beforeAll(async () => {
  api = await startHandlers();
});
afterAll(() => api.close());

function collectionOf(definition: ResourceDefinition, namespace = 'default'): string {
  const root = definition.group === '' ? '/api/' : '/apis/';
  return `${root}${apiVersionOf(definition)}/${definition.namespaced ? `namespaces/${namespace}/` : ''}${definition.plural}`;
}

function randomRequest(input: RandomInput): readonly [method: string, path: string, body: unknown, headers: Record<string, string>] {
  const definition = input.pick(definitions);
  const name = input.pick(['a', 'b', 'c', 'd']);
  const onObject = input.chance(0.6);
  const subresource = onObject && input.chance(0.3) ? `/${input.pick(['status', 'scale', 'finalize', 'binding', 'eviction', 'token', 'approval', 'resize', 'ephemeralcontainers', 'nothing'])}` : '';
  const query = input.chance(0.3) ? `?${input.pick(['dryRun=All', 'fieldValidation=Strict', 'limit=3', 'labelSelector=a', 'fieldSelector=metadata.name%3Da', 'resourceVersion=0', 'watch=true&timeoutSeconds=1&limit=1', 'propagationPolicy=Orphan', 'gracePeriodSeconds=0', 'continue=x', '%ff=%zz'])}` : '';
  const method = onObject ? input.pick(['GET', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'POST']) : input.pick(['GET', 'POST', 'POST', 'POST', 'DELETE', 'HEAD', 'OPTIONS']);
  const object = input.object(schema, definition.model);
  const body = { ...object, metadata: { ...(input.chance(0.2) && typeof object['metadata'] === 'object' ? object['metadata'] : {}), name } };
  const type = method === 'PATCH' ? input.pick(TYPES.slice(3)) : input.pick(TYPES.slice(0, 3));
  const isApply = type.startsWith('application/apply');
  const sent = type.includes('json-patch') ? input.operations(body) : isApply ? { ...body, apiVersion: apiVersionOf(definition), kind: definition.kind } : body;
  const applying = isApply ? `${query === '' ? '?' : '&'}fieldManager=${input.pick(['a', 'b', 'kubectl'])}${input.chance(0.5) ? '&force=true' : ''}` : '';
  const bytes = method === 'GET' || method === 'HEAD' || (method === 'DELETE' && input.chance(0.8)) ? undefined : input.chance(0.1) ? input.mangled(JSON.stringify(sent)) : sent;
  return [method, `${collectionOf(definition)}${onObject ? `/${name}` : ''}${subresource}${query}${applying}`, bytes, { ...(input.chance(0.1) ? TABLE : {}), ...(bytes === undefined ? {} : { 'content-type': type }) }];
}

test('random requests are answered or refused, never failed', async () => {
  const input = new RandomInput(8);
  const faults: string[] = [];
  let stored = 0;
  const run = async (): Promise<void> => {
    for (let round = 0; round < REQUESTS / CLIENTS; round += 1) {
      const [method, path, body, headers] = randomRequest(input);
      const answer = await send(api.agent, api.serving.port, method, path, body, headers);
      if (answer.status === 201) stored += 1;
      if (answer.status >= 500 && !ANSWERED_AS_KUBERNETES.some((text) => answer.text.includes(text))) faults.push(`${answer.text.slice(0, 300)} for ${method} ${path} ${JSON.stringify(body)?.slice(0, 2_000)}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, run));
  expect(faults.slice(0, 5)).toEqual([]);
  expect(stored).toBeGreaterThan(80);
});

test('everything that is held can be listed, read, changed and deleted', async () => {
  const faults: string[] = [];
  const check = (what: string, { status, text }: Answer, allowed: readonly number[]): void => {
    if (!allowed.includes(status)) faults.push(`${what}: ${status} ${text.slice(0, 500)}`);
  };
  let objects = 0;
  for (const definition of definitions) {
    const collection = collectionOf(definition);
    const list = await api.request('GET', collection);
    check(collection, list, [200]);
    check(`${collection} as a table`, await api.request('GET', collection, undefined, TABLE), [200]);
    for (const { metadata } of list.json?.items ?? []) {
      objects += 1;
      const path = `${collection}/${metadata.name}`;
      const read = await api.request('GET', path);
      check(path, read, [200]);
      check(`PUT ${path}`, await api.request('PUT', path, read.json), [200, 405]);
      check(`PATCH ${path}`, await api.request('PATCH', path, { metadata: { labels: { touched: 'yes' } } }, MERGE), [200, 405]);
      check(`DELETE ${path}`, await api.request('DELETE', path, { gracePeriodSeconds: 0 }), [200, 202]);
      const left = await api.request('GET', path);
      if (left.status === 200 && definition.plural === 'namespaces') await api.request('PUT', `${path}/finalize`, { ...left.json, spec: {} });
      if ((left.json?.metadata?.finalizers ?? []).length > 0) check(`PATCH ${path}`, await api.request('PATCH', path, { metadata: { finalizers: null } }, MERGE), [200, 404]);
      check(`GET of the deleted ${path}`, await api.request('GET', path), [404]);
    }
  }
  expect(faults.slice(0, 5)).toEqual([]);
  expect(objects).toBeGreaterThan(20);
});
