import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtinDefinitions } from '../api/kinds/index.ts';
import { serve, type ServedResource } from './registry.ts';

/** What a stable version is called; of the others, Kubernetes has served none without being told to since 1.24. */
const STABLE_API = /V\d+Api\.js$/;
const METHODS: Readonly<Record<string, string>> = { create: 'POST', get: 'GET', list: 'GET', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' };
const ON_ONE: ReadonlySet<string> = new Set(['get', 'update', 'patch', 'delete']);

/** Every operation on objects that the pinned client of Kubernetes 1.36 knows in a stable version, as `GET /api/v1/nodes/{name}`. */
function clientOperations(): string[] {
  const folder = join(dirname(require.resolve('@kubernetes/client-node')), 'gen', 'apis');
  const operations = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => STABLE_API.test(name))) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, path = '', method = ''] of text.matchAll(/localVarPath = '([^']+)'[\s\S]*?HttpMethod\.(\w+)/g)) {
      // Discovery, and what is passed on to pods and nodes, is not about objects.
      if (path.endsWith('/') || path.includes('/proxy') || path.includes('/watch/')) continue;
      operations.add(`${method} ${path}`);
    }
  }
  return [...operations].sort();
}

function servedOperations({ definition, apiVersion, verbs, subresources }: ServedResource): string[] {
  const base = definition.group === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const collection = `${base}${definition.namespaced ? '/namespaces/{namespace}' : ''}/${definition.plural}`;
  const operations = [...verbs].filter((verb) => verb !== 'watch').map((verb) => `${METHODS[verb]} ${collection}${ON_ONE.has(verb) ? '/{name}' : ''}`);
  if (definition.namespaced && verbs.has('list')) operations.push(`GET ${base}/${definition.plural}`);
  for (const { name, verbs: own } of subresources.filter((each) => each.name !== 'proxy')) operations.push(...own.map((verb) => `${METHODS[verb]} ${collection}/{name}/${name}`));
  return operations;
}

test('every operation on every stable kind of Kubernetes 1.36 is served, and no other', () => {
  const served = builtinDefinitions.flatMap((definition) => servedOperations(serve(definition)));
  const expected = clientOperations();
  expect(expected.length).toBeGreaterThan(400);
  expect([...new Set(served)].sort()).toEqual(expected);
});
