import type { V1APIResource } from '../../api/generated/types.ts';
import { isRecord } from '../../api/values/isRecord.ts';

/** A version of a group as `APIGroupDiscovery` holds it. */
export interface VersionEntry {
  readonly version: string;
  readonly resources?: readonly unknown[];
  readonly freshness: 'Current' | 'Stale';
}

interface SubresourceEntry {
  readonly subresource: string;
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
}

interface ResourceEntry {
  readonly resource: string;
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  subresources?: SubresourceEntry[];
}

/** Entries of an `APIResourceList` in the form of aggregated discovery (`ConvertGroupVersionIntoToDiscovery`). */
export function entriesOf(resources: readonly V1APIResource[], group: string, version: string): ResourceEntry[] {
  const entries = new Map<string, ResourceEntry>();
  const entryOf = (name: string): ResourceEntry | undefined => entries.get(name);
  for (const { name, kind, namespaced, verbs, singularName, shortNames, categories, group: ownGroup, version: ownVersion } of resources) {
    const responseKind = kind === '' ? {} : { responseKind: { group: ownGroup ?? group, version: ownVersion ?? version, kind } };
    const scope = namespaced ? 'Namespaced' : 'Cluster';
    const [resource = '', subresource] = name.split('/');
    if (subresource === undefined) {
      const known = entryOf(name)?.subresources;
      entries.set(name, { resource: name, ...responseKind, scope, singularResource: singularName, verbs, ...(shortNames ? { shortNames } : {}), ...(categories ? { categories } : {}), ...(known ? { subresources: known } : {}) });
      continue;
    }
    // A subresource may stand alone, or before its resource.
    let parent = entryOf(resource);
    if (!parent) entries.set(resource, (parent = { resource, scope, singularResource: '', verbs: [] }));
    (parent.subresources ??= []).push({ subresource, ...responseKind, verbs });
  }
  return [...entries.values()];
}

/** The versions of an `APIGroupDiscoveryList`, by `group/version`; undefined where the value is none. What is no group or no version is left out. */
export function versionsOf(value: unknown): ReadonlyMap<string, VersionEntry> | undefined {
  if (!isRecord(value) || value['kind'] !== 'APIGroupDiscoveryList' || !Array.isArray(value['items'])) return undefined;
  const versions = value['items'].filter(isRecord).flatMap(({ metadata, versions: all }) => {
    const group = isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
    return Array.isArray(all) ? all.filter(isVersion).map((each) => [`${group}/${each.version}`, each] as const) : [];
  });
  return new Map(versions);
}

const isVersion = (value: unknown): value is VersionEntry => isRecord(value) && typeof value['version'] === 'string' && (value['resources'] === undefined || Array.isArray(value['resources']));

/** The resources of an answer that should be an `APIResourceList`; those that have no name or no verbs are left out. */
export function resourcesOf(value: unknown): readonly V1APIResource[] {
  if (!isRecord(value) || !Array.isArray(value['resources'])) return [];
  return value['resources'].filter((each): each is V1APIResource => isRecord(each) && typeof each['name'] === 'string' && Array.isArray(each['verbs']));
}

/** Where an index of OpenAPI v3 says that its documents are. */
export function openApiPaths(value: unknown): ReadonlyMap<string, string> {
  const paths = isRecord(value) && isRecord(value['paths']) ? value['paths'] : {};
  return new Map(Object.entries(paths).map(([path, entry]) => [path, isRecord(entry) && typeof entry['serverRelativeURL'] === 'string' ? entry['serverRelativeURL'] : `/openapi/v3/${path}`]));
}
