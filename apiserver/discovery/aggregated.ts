import type { ServedResource } from '../registry.ts';
import { customVerbs, groupsOf, servedIn } from './discovery.ts';
import type { DiscoverySource, ServedGroup } from './discovery.ts';

/** `APIGroupDiscoveryList`: every group with every resource in one document; `version` is that of `apidiscovery.k8s.io`. */
export function aggregatedDiscovery(source: DiscoverySource, version: string, root: 'api' | 'apis'): Readonly<Record<string, unknown>> {
  const core: ServedGroup = { name: '', versions: [{ group: '', version: 'v1', priority: { group: 0, version: 0 } }] };
  const groups = root === 'api' ? [core] : groupsOf(source);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version, entry }) => entry ?? { version, resources: servedIn(source.registry, name, version).map(resourceEntry), freshness: 'Current' }),
    })),
  };
}

function resourceEntry({ definition, verbs, subresources }: ServedResource): unknown {
  const scope = definition.namespaced ? 'Namespaced' : 'Cluster';
  return {
    resource: definition.plural,
    responseKind: { group: definition.group, version: definition.version, kind: definition.kind },
    scope,
    singularResource: definition.singular,
    verbs: definition.custom ? customVerbs(definition.custom) : [...verbs].sort(),
    ...(definition.shortNames ? { shortNames: definition.shortNames } : {}),
    ...(definition.categories ? { categories: definition.categories } : {}),
    ...(subresources.length === 0 ? {} : { subresources: subresources.map(({ name, kind, verbs }) => ({ subresource: name, responseKind: kind, verbs })) }),
  };
}

