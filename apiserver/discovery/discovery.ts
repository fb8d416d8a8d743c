import { createHash } from 'node:crypto';
import type { CustomKind } from '../../api/resourceDefinition.ts';
import type { VersionEntry } from '../aggregation/discoveryEntry.ts';
import { priorityOf, type ServicePriority } from '../aggregation/priorities.ts';
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
  /** Changes when objects are stored in another version; absent where none are stored. */
  readonly storageVersionHash?: string;
}

/** A version of a group, and where it stands among others. */
export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: ServicePriority;
  /** Of what another server serves: what it has told of it. */
  readonly entry?: VersionEntry;
}

/** What other servers serve. */
export interface RemoteVersions {
  /** Raised by every change. */
  readonly generation: number;
  versions(): readonly ServedVersion[];
}

/** All that is told of. */
export interface DiscoverySource {
  readonly registry: Registry;
  readonly remote?: RemoteVersions;
}

/** A group with its versions, the preferred one first. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly ServedVersion[];
}

/** Groups but the core one, by their priorities. */
export function groupsOf({ registry, remote }: DiscoverySource): ServedGroup[] {
  const versions = new Map<string, ServedVersion>();
  for (const { definition, apiVersion } of registry.all) {
    const { group, version, custom } = definition;
    if (group !== '' && !versions.has(apiVersion)) versions.set(apiVersion, { group, version, priority: priorityOf(group, version, custom !== undefined) });
  }
  for (const each of remote?.versions() ?? []) if (each.group !== '') versions.set(`${each.group}/${each.version}`, each);
  const groups = new Map<string, ServedVersion[]>();
  for (const each of versions.values()) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return [...groups]
    .map(([name, each]) => ({ name, priority: Math.max(...each.map(({ priority }) => priority.group)), versions: each.sort((a, b) => b.priority.version - a.priority.version || compareVersions(a.version, b.version)) }))
    .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
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

/** Whether a group has kinds that are no custom ones, in whichever version: below it Kubernetes' router answers, and elsewhere nobody. */
export const isBuiltIn = (registry: Registry, group: string): boolean => group === '' || registry.all.some(({ definition }) => definition.group === group && !definition.custom);

/** The entries of a kind and its subresources. */
export function apiResources({ definition, verbs, subresources, resource }: ServedResource): ApiResource[] {
  const main: ApiResource = {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    verbs: definition.custom ? customVerbs(definition.custom) : [...verbs].sort(),
    ...(definition.shortNames ? { shortNames: definition.shortNames } : {}),
    ...(definition.categories ? { categories: definition.categories } : {}),
    ...(verbs.has('watch') && definition.custom?.servesStorage !== false ? { storageVersionHash: storageVersionHash(definition) } : {}),
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

/** What is told of a definition, in upstream's order; of one that is being deleted, less than it still serves. */
export const customVerbs = ({ terminating }: CustomKind): readonly string[] => (terminating ? WHILE_TERMINATING : CUSTOM_VERBS);

const CUSTOM_VERBS: readonly string[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const WHILE_TERMINATING: readonly string[] = ['delete', 'deletecollection', 'get', 'list', 'watch'];

/** `StorageVersionHash` of Kubernetes. */
function storageVersionHash({ group, version, storage = { group, version }, kind }: ServedResource['definition']): string {
  return createHash('sha256').update(`${storage.group}/${storage.version}/${kind}`).digest().subarray(0, 8).toString('base64');
}
