import type { JsonSchema } from '../api/customResources/jsonSchema.ts';
import type { V1APIResourceList } from '../api/generated/types.ts';
import type { KubeClient } from '../client/types.ts';
import { getJson } from './discovery.ts';

/** A kind with the schema that the API server publishes of it. */
export interface PublishedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly schema: JsonSchema;
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema & { readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[] }>> };
}

/** The kinds of some groups and versions (`example.com/v1`), by discovery and OpenAPI, which everybody may read; none of those that are not served. */
export async function publishedKinds(client: KubeClient, versions: readonly string[]): Promise<PublishedKind[]> {
  const found: PublishedKind[] = [];
  for (const each of versions) {
    const path = `/apis/${each}`;
    const served = await client.raw({ method: 'GET', path });
    if (served.status === 404) continue;
    const [{ resources }, document] = await Promise.all([getJson<V1APIResourceList>(client, path), getJson<Document>(client, `/openapi/v3${path}`)]);
    const [group = '', version = ''] = each.split('/');
    const schemas = Object.values(document.components?.schemas ?? {});
    for (const { name: plural, kind } of resources) {
      const schema = schemas.find((one) => one['x-kubernetes-group-version-kind']?.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind));
      if (schema && !plural.includes('/')) found.push({ group, version, kind, plural, schema });
    }
  }
  return found;
}
