import type { V1APIResourceList } from '../../api/generated/types.ts';

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
export function entriesOf(list: V1APIResourceList, group: string, version: string): ResourceEntry[] {
  const entries = new Map<string, ResourceEntry>();
  const entryOf = (name: string): ResourceEntry | undefined => entries.get(name);
  for (const { name, kind, namespaced, verbs, singularName, shortNames, categories, group: ownGroup, version: ownVersion } of list.resources) {
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

/** The versions of an `APIGroupDiscoveryList`, by `group/version`; undefined where the value is none. */
export function versionsOf(value: unknown): ReadonlyMap<string, VersionEntry> | undefined {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: readonly { metadata?: { name?: string }; versions?: readonly VersionEntry[] }[] };
  if (kind !== 'APIGroupDiscoveryList' || !Array.isArray(items)) return undefined;
  const all = items as readonly { metadata?: { name?: string }; versions?: readonly VersionEntry[] }[];
  return new Map(all.flatMap(({ metadata, versions }) => (versions ?? []).map((each) => [`${metadata?.name ?? ''}/${each.version}`, each] as const)));
}
