import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiResources } from '../../apiserver/discovery/discovery.ts';
import { Registry } from '../../apiserver/registry.ts';

/** A kind as it is served. */
export interface ServedKind {
  readonly kind: string;
  /** `v1`, `apps/v1`. */
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Verbs by subresource. */
  readonly subresources: ReadonlyMap<string, readonly string[]>;
}

/** What discovery says of the kinds that are built in. */
export function servedKinds(): readonly ServedKind[] {
  return new Registry(builtinDefinitions).all.map((served) => {
    const { definition } = served;
    const [main, ...subresources] = apiResources(served);
    return {
      kind: definition.kind,
      version: definition.group === '' ? definition.version : `${definition.group}/${definition.version}`,
      plural: definition.plural,
      namespaced: definition.namespaced,
      verbs: main?.verbs ?? [],
      subresources: new Map(subresources.map(({ name, verbs }) => [name.slice(definition.plural.length + 1), verbs])),
    };
  });
}
