import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

const METHODS: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const OPERATION = /localVarPath = '([^']+)'[\s\S]*?makeRequestContext\(localVarPath, HttpMethod\.([A-Z]+)\)/g;

/** Verbs by resource (`pods`, `pods/status`) by group and version (`v1`, `apps/v1`). */
export type Operations = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Every operation of Kubernetes' own description of its API, alpha and beta versions too, as the pinned client library was generated from it. */
export function kubernetesOperations(): Operations {
  const folder = join(repositoryRoot, 'node_modules/@kubernetes/client-node/dist/gen/apis');
  const operations = new Map<string, Map<string, Set<string>>>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('Api.js'))) {
    for (const [, path = '', method = ''] of readFileSync(join(folder, file), 'utf8').matchAll(OPERATION)) {
      const operation = METHODS[method] && parsePath(path, METHODS[method]);
      if (!operation) continue;
      const resources = operations.get(operation.version) ?? new Map<string, Set<string>>();
      operations.set(operation.version, resources);
      const verbs = resources.get(operation.resource) ?? new Set();
      resources.set(operation.resource, verbs);
      for (const verb of operation.verbs) verbs.add(verb);
    }
  }
  return operations;
}

/** Undefined for what is no resource's: discovery documents, the deprecated watch paths, and the client's own templates for custom objects. */
function parsePath(path: string, method: string): { readonly version: string; readonly resource: string; readonly verbs: readonly string[] } | undefined {
  const [, version, rest] = /^\/(?:api|apis)\/((?:[^/{}]+\/)?v\d[^/]*)\/(.+)$/.exec(path) ?? [];
  if (version === undefined || rest === undefined || rest.startsWith('watch/')) return undefined;
  const parts = (/^namespaces\/\{namespace\}\/(.+)$/.exec(rest)?.[1] ?? rest).split('/');
  if (rest.startsWith('{')) return undefined;
  // The path of Namespaces themselves looks like a prefix.
  const own = rest.startsWith('namespaces/{name}') ? rest.split('/') : parts;
  const [plural = '', name, subresource] = own;
  if (subresource !== undefined) return { version, resource: `${plural}/${subresource}`, verbs: [method] };
  if (name !== undefined) return { version, resource: plural, verbs: [method] };
  return { version, resource: plural, verbs: method === 'get' ? ['list', 'watch'] : method === 'delete' ? ['deletecollection'] : [method] };
}
