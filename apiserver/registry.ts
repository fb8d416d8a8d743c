import type { GroupResource } from '../api/apiError.ts';
import { apiVersionOf } from '../api/kinds/lookup.ts';
import type { KubeObject } from '../api/meta.ts';
import type { ResourceDefinition, Verb } from '../api/resourceDefinition.ts';
import { toServedCustom } from './customResources/toServedCustom.ts';
import type { StorageResource } from './storage/types.ts';

/** A subresource as discovery names it. */
export interface ServedSubresource {
  readonly name: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
}

/** A definition with what the handlers would otherwise derive on every request. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  /** `apps/v1`; what objects of it carry. */
  readonly apiVersion: string;
  /** For errors. */
  readonly resource: GroupResource;
  /** Where its objects are kept; versions of one kind share it. */
  readonly storage: StorageResource;
  /** Kind of its lists. */
  readonly listKind: string;
  /** Whether the stored bytes are what clients of this version get; never known beforehand of custom resources, whose schema may change. */
  readonly isStorageVersion: boolean;
  readonly verbs: ReadonlySet<Verb>;
  readonly subresources: readonly ServedSubresource[];
  /** Of custom resources: aborted when this is no longer how they are served, so that watches begin anew. */
  readonly gone?: AbortSignal;
}

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Verbs of `status`, `scale` and the other subresources that read and write the object. */
const READ_WRITE = ['get', 'patch', 'update'];

/** Subresources that only some built-in kinds have, by `group/plural`. */
const PARTICULAR: Readonly<Record<string, readonly ServedSubresource[]>> = {
  '/pods': [
    sub('attach', '', 'v1', 'PodAttachOptions', ['create', 'get']),
    sub('binding', '', 'v1', 'Binding', ['create']),
    sub('ephemeralcontainers', '', 'v1', 'Pod', READ_WRITE),
    sub('eviction', 'policy', 'v1', 'Eviction', ['create']),
    sub('exec', '', 'v1', 'PodExecOptions', ['create', 'get']),
    sub('log', '', 'v1', 'Pod', ['get']),
    sub('portforward', '', 'v1', 'PodPortForwardOptions', ['create', 'get']),
    sub('proxy', '', 'v1', 'PodProxyOptions', ['create', 'delete', 'get', 'patch', 'update']),
    sub('resize', '', 'v1', 'Pod', READ_WRITE),
  ],
  '/services': [sub('proxy', '', 'v1', 'ServiceProxyOptions', ['create', 'delete', 'get', 'patch', 'update'])],
  '/nodes': [sub('proxy', '', 'v1', 'NodeProxyOptions', ['create', 'delete', 'get', 'patch', 'update'])],
  '/serviceaccounts': [sub('token', 'authentication.k8s.io', 'v1', 'TokenRequest', ['create'])],
  '/namespaces': [sub('finalize', '', 'v1', 'Namespace', ['update'])],
  'certificates.k8s.io/certificatesigningrequests': [sub('approval', 'certificates.k8s.io', 'v1', 'CertificateSigningRequest', READ_WRITE)],
};

function sub(name: string, group: string, version: string, kind: string, verbs: readonly string[]): ServedSubresource {
  return { name, kind: { group, version, kind }, verbs };
}

/** Derives what is served from a definition. */
export function serve(definition: ResourceDefinition): ServedResource {
  const { group, version, kind, plural } = definition;
  const own = definition.storage ?? { group, version };
  const status = definition.hasStatus ? [sub('status', group, version, kind, READ_WRITE)] : [];
  const scale = definition.scale ? [sub('scale', 'autoscaling', 'v1', 'Scale', READ_WRITE)] : [];
  const subresources = [...(PARTICULAR[`${group}/${plural}`] ?? []), ...status, ...scale];
  // As Kubernetes names them: custom ones in this order.
  if (!definition.custom) subresources.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    definition,
    apiVersion: apiVersionOf(definition),
    resource: { group, resource: plural },
    storage: { group: own.group, resource: plural },
    listKind: definition.listKind ?? `${kind}List`,
    isStorageVersion: !definition.custom && own.group === group && own.version === version,
    verbs: new Set(definition.verbs ?? ALL_VERBS),
    subresources,
  };
}

/**
 * What is served at present. Custom resources come and go with `setCustom`; whatever was derived from the whole set (discovery and OpenAPI documents) is
 * derived again, when it is asked for, after `generation` has moved.
 */
export class Registry {
  readonly #byPath = new Map<string, ServedResource>();
  readonly #builtin: readonly ServedResource[];
  readonly #custom = new Map<string, { readonly served: readonly ServedResource[]; readonly gone: AbortController }>();
  #all: readonly ServedResource[] | undefined;
  #generation = 1;

  constructor(definitions: readonly ResourceDefinition[]) {
    this.#builtin = definitions.map(serve);
    for (const each of this.#builtin) this.#byPath.set(pathOf(each), each);
  }

  /** Serves these definitions in place of those that were set under this name before; built-in kinds are never displaced. */
  setCustom(name: string, definitions: readonly ResourceDefinition[]): void {
    const previous = this.#custom.get(name);
    const before = previous?.served ?? [];
    const gone = new AbortController();
    for (const each of before) if (this.#byPath.get(pathOf(each)) === each) this.#byPath.delete(pathOf(each));
    const now = definitions.map((each) => ({ ...serve(each), gone: gone.signal })).filter((each) => !this.#byPath.has(pathOf(each)));
    for (const each of now) this.#byPath.set(pathOf(each), each);
    if (now.length === 0) this.#custom.delete(name);
    else this.#custom.set(name, { served: now, gone });
    this.#all = undefined;
    // What is published hangs on less than what is served: conditions come and go without a word in any document.
    if (publishedOf(before) !== publishedOf(now)) this.#generation += 1;
    previous?.gone.abort();
  }

  /** Whether a built-in kind has these names, in whichever version. */
  hasBuiltin(group: string, plural: string): boolean {
    return this.#builtin.some(({ definition }) => definition.group === group && definition.plural === plural);
  }

  get all(): readonly ServedResource[] {
    this.#all ??= [...this.#builtin, ...[...this.#custom.values()].flatMap(({ served }) => served)];
    return this.#all;
  }

  /** Raised by every change. */
  get generation(): number {
    return this.#generation;
  }

  /** The version of a resource that its objects are also served in; undefined where there is none of this name. */
  inVersion({ storage }: ServedResource, apiVersion: string): ServedResource | undefined {
    const found = this.#byPath.get(`${apiVersion}/${storage.resource}`);
    return found?.storage.group === storage.group ? found : undefined;
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`);
  }
}

const pathOf = (served: ServedResource): string => `${served.apiVersion}/${served.definition.plural}`;

const publishedOf = (served: readonly ServedResource[]): string => served.map((each) => `${pathOf(each)} ${each.definition.kind} ${each.definition.custom?.published ?? ''} ${JSON.stringify([each.definition.shortNames, each.definition.categories])}`).join();

/** A stored object as clients of this version see it; the same object where the versions agree. Never changes its argument. */
export function toServed(served: ServedResource, object: KubeObject): KubeObject {
  if (served.isStorageVersion) return object;
  const converted = served.definition.convert ? served.definition.convert.fromStorage(object) : object;
  if (served.definition.custom) return toServedCustom(converted, served.apiVersion, served.definition.custom.schema);
  return { ...converted, apiVersion: served.apiVersion, kind: served.definition.kind };
}

/** The reverse of `toServed`. */
export function toStored(served: ServedResource, object: KubeObject): KubeObject {
  const own = served.definition.storage;
  if (served.isStorageVersion || !own) return object;
  const converted = served.definition.convert ? served.definition.convert.toStorage(object) : object;
  const apiVersion = apiVersionOf(own);
  return converted.apiVersion === apiVersion ? converted : { ...converted, apiVersion };
}
