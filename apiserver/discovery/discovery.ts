import type { Registry, ServedResource } from '../registry.ts';

/** One resource or subresource, as `APIResourceList` names it. */
export interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** A group with its versions, the preferred one first. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Groups but the core one, in the order in which their kinds are registered. */
export function groupsOf(registry: Registry): ServedGroup[] {
  const groups = new Map<string, Set<string>>();
  for (const { definition } of registry.all) {
    if (definition.group === '') continue;
    const versions = groups.get(definition.group) ?? new Set();
    groups.set(definition.group, versions.add(definition.version));
  }
  return [...groups].map(([name, versions]) => ({ name, versions: [...versions].sort(compareVersions) }));
}

/** Kubernetes' order of versions: stable before beta before alpha, then the higher number first. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [rank(a), rank(b)];
  for (let at = 0; at < first.length; at += 1) if (first[at] !== second[at]) return second[at]! - first[at]!;
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return [0, 0, 0];
  return [match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)];
}

/** Kinds of a group and version, by name. */
export function servedIn(registry: Registry, group: string, version: string): ServedResource[] {
  return registry.all.filter(({ definition }) => definition.group === group && definition.version === version).sort((a, b) => (a.definition.plural < b.definition.plural ? -1 : 1));
}

/** The entries of a kind and its subresources. */
export function apiResources({ definition, verbs, subresources, resource }: ServedResource): ApiResource[] {
  const main: ApiResource = {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    verbs: [...verbs].sort(),
    ...(definition.shortNames ? { shortNames: definition.shortNames } : {}),
    ...(definition.categories ? { categories: definition.categories } : {}),
  };
  const subs = subresources.map(({ name, kind, verbs }): ApiResource => {
    const foreign = kind.group !== resource.group || kind.version !== definition.version;
    return {
      name: `${definition.plural}/${name}`,
      singularName: '',
      namespaced: definition.namespaced,
      ...(foreign ? { group: kind.group, version: kind.version } : {}),
      kind: kind.kind,
      verbs,
    };
  });
  return [main, ...subs];
}
