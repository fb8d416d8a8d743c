import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf } from '../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { schemaFaults, type Definitions } from '../../apiserver/openapi/schemaFaults.ts';
import { OpenApi } from '../../apiserver/openapi/openApi.ts';
import { answerOpenApi } from '../../apiserver/openapi/openApiHandler.ts';
import type { SchemaObject } from '../../apiserver/openapi/schemaObject.ts';
import type { TestApi } from '../rig/apiserver.ts';
import { LABELS as labels, SAMPLE_NAMES as NAMES, SAMPLES as OBJECTS } from '../rig/sampleObjects.ts';
import { startHandlers } from '../rig/apiserver.ts';

let api: TestApi;
beforeAll(async () => {
  const schema = loadSchema();
  api = await startHandlers({
    pathHandlers: (registry) => {
      const openApi = new OpenApi(schema, registry, 'v1.36.0');
      return [{ path: '/openapi/v3/', handle: async ({ request }) => answerOpenApi(openApi, request) }];
    },
  });
});
afterAll(() => api.close());

const nameOf = (definition: ResourceDefinition): string => `${apiVersionOf(definition)} ${definition.kind}`;
const collectionOf = (definition: ResourceDefinition): string => `${definition.group === '' ? '/api/v1' : `/apis/${apiVersionOf(definition)}`}${definition.namespaced ? '/namespaces/default' : ''}/${definition.plural}`;
const stored = builtinDefinitions.filter(({ verbs }) => !verbs || verbs.includes('update'));

const documents = new Map<string, Definitions>();

async function publishedSchemas(definition: ResourceDefinition): Promise<Definitions> {
  const path = `/openapi/v3/${definition.group === '' ? 'api/v1' : `apis/${apiVersionOf(definition)}`}`;
  const schemas = documents.get(path) ?? ((await api.request('GET', path)).json as { components: { schemas: Definitions } }).components.schemas;
  documents.set(path, schemas);
  return schemas;
}

test('every kind that is stored is here', () => {
  expect(Object.keys(OBJECTS).sort()).toEqual(stored.map(nameOf).sort());
});

test.each(stored.map((definition) => [nameOf(definition), definition] as const))('%s: what is answered, stored and listed is what the published schema says', async (name, definition) => {
  const schemas = await publishedSchemas(definition);
  const published = (kind: string): SchemaObject => {
    const found = Object.entries(schemas).find(([, schema]) => (schema['x-kubernetes-group-version-kind'] as { group: string; version: string; kind: string }[] | undefined)?.some((each) => each.kind === kind && each.group === definition.group && each.version === definition.version));
    if (!found) throw new Error(`${kind} is not published`);
    return found[1];
  };
  const { kind } = definition;
  const created = await api.request('POST', collectionOf(definition), { apiVersion: apiVersionOf(definition), kind, metadata: { name: NAMES[name] ?? 'crane', labels, finalizers: ['example.com/keep'] }, ...OBJECTS[name] });
  expect([created.status, created.json.code]).toEqual([201, undefined]);
  expect(schemaFaults(schemas, published(kind), created.json)).toEqual([]);
  const path = `${collectionOf(definition)}/${created.json.metadata.name}`;
  // The server itself may write after a create, as it does of definitions.
  let read = created;
  let updated = read;
  for (let attempt = 0; attempt < 10 && (attempt === 0 || updated.status === 409); attempt++) {
    read = await api.request('GET', path);
    updated = await api.request('PUT', path, { ...read.json, metadata: { ...read.json.metadata, annotations: { a: 'b' } } });
  }
  expect([updated.status, updated.json.code]).toEqual([200, undefined]);
  const { annotations, managedFields, ...metadata } = updated.json.metadata as Record<string, unknown>;
  const previous = { ...read.json.metadata } as Record<string, unknown>;
  delete previous['managedFields'];
  // A DaemonSet is given one.
  delete previous['annotations'];
  expect([annotations, Array.isArray(managedFields)]).toEqual([expect.objectContaining({ a: 'b' }), true]);
  // A second write of what was read changes nothing that was not asked for; annotations of Deployments are counted.
  const counted = { resourceVersion: previous['resourceVersion'], generation: previous['generation'] };
  expect({ ...updated.json, metadata: { ...metadata, ...counted } }).toEqual({ ...read.json, metadata: { ...previous, ...counted } });
  for (const [type, body] of [['application/merge-patch+json', '{}'], ['application/strategic-merge-patch+json', '{}']] as const) {
    let [before, after] = ['', 'x'];
    // What the server itself writes in between is not the patch's.
    for (let attempt = 0; attempt < 10 && before !== after; attempt++) {
      before = (await api.request('GET', path)).json.metadata.resourceVersion;
      after = (await api.request('PATCH', path, JSON.parse(body), { 'content-type': type })).json.metadata.resourceVersion;
    }
    expect(after).toBe(before);
  }
  const list = (await api.request('GET', collectionOf(definition))).json as { items: object[] };
  expect(list.items.length).toBeGreaterThan(0);
  expect(schemaFaults(schemas, published(`${kind}List`), list)).toEqual([]);
});
