import type { ResourceDefinition } from '../resourceDefinition.ts';

/** Finds definitions by what a path or an object names; built once over a fixed list. */
export interface KindLookup {
  readonly all: readonly ResourceDefinition[];
  /** By a path's parts, e.g. `('apps', 'v1', 'deployments')`; the core group is `''`. */
  byPlural(group: string, version: string, plural: string): ResourceDefinition | undefined;
  byKind(group: string, version: string, kind: string): ResourceDefinition | undefined;
  /** By an object's own `apiVersion` and `kind`. */
  ofObject(object: { readonly apiVersion: string; readonly kind: string }): ResourceDefinition | undefined;
}

/** Indexes definitions; of two with the same names, the later one wins. */
export function kindLookup(definitions: readonly ResourceDefinition[]): KindLookup {
  const plurals = new Map(definitions.map((each) => [`${apiVersionOf(each)}/${each.plural}`, each]));
  const kinds = new Map(definitions.map((each) => [`${apiVersionOf(each)}/${each.kind}`, each]));
  return {
    all: definitions,
    byPlural: (group, version, plural) => plurals.get(`${apiVersionOf({ group, version })}/${plural}`),
    byKind: (group, version, kind) => kinds.get(`${apiVersionOf({ group, version })}/${kind}`),
    ofObject: (object) => kinds.get(`${object.apiVersion}/${object.kind}`),
  };
}

/** `v1`, or `apps/v1`. */
export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** The reverse of `apiVersionOf`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
