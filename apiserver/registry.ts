import type { GroupResource } from '../api/apiError.ts';
import { apiVersionOf } from '../api/kinds/lookup.ts';
import type { KubeObject } from '../api/meta.ts';
import type { ResourceDefinition, Verb } from '../api/resourceDefinition.ts';
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
  /** Whether the stored bytes are what clients of this version get. */
  readonly isStorageVersion: boolean;
  readonly verbs: ReadonlySet<Verb>;
  readonly subresources: readonly ServedSubresource[];
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
  const subresources = [...(PARTICULAR[`${group}/${plural}`] ?? []), ...scale, ...status].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    definition,
    apiVersion: apiVersionOf(definition),
    resource: { group, resource: plural },
    storage: { group: own.group, resource: plural },
    isStorageVersion: own.group === group && own.version === version,
    verbs: new Set(definition.verbs ?? ALL_VERBS),
    subresources,
  };
}

/**
 * What is served at present. Custom resources come and go: `replace` swaps the whole set, and whatever was derived from it
 * (discovery documents) is derived again when `generation` has moved.
 */
export class Registry {
  #byPath = new Map<string, ServedResource>();
  #versions = new Map<string, Map<string, ServedResource>>();
  #all: readonly ServedResource[] = [];
  #generation = 0;

  constructor(definitions: readonly ResourceDefinition[]) {
    this.replace(definitions);
  }

  replace(definitions: readonly ResourceDefinition[]): void {
    this.#all = definitions.map(serve);
    this.#byPath = new Map(this.#all.map((each) => [`${each.apiVersion}/${each.definition.plural}`, each]));
    this.#versions = new Map();
    for (const each of this.#all) {
      const kept = `${each.storage.group}/${each.storage.resource}`;
      this.#versions.set(kept, (this.#versions.get(kept) ?? new Map<string, ServedResource>()).set(each.apiVersion, each));
    }
    this.#generation += 1;
  }

  get all(): readonly ServedResource[] {
    return this.#all;
  }

  /** Raised by every change. */
  get generation(): number {
    return this.#generation;
  }

  /** The version of a resource that its objects are also served in; undefined where there is none of this name. */
  inVersion({ storage }: ServedResource, apiVersion: string): ServedResource | undefined {
    return this.#versions.get(`${storage.group}/${storage.resource}`)?.get(apiVersion);
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`);
  }
}

/** A stored object as clients of this version see it; the same object where the versions agree. Never changes its argument. */
export function toServed(served: ServedResource, object: KubeObject): KubeObject {
  if (served.isStorageVersion) return object;
  const converted = served.definition.convert ? served.definition.convert.fromStorage(object) : object;
  return { ...converted, apiVersion: served.apiVersion, kind: served.definition.kind };
}

/** The reverse of `toServed`. */
export function toStored(served: ServedResource, object: KubeObject): KubeObject {
  const own = served.definition.storage;
  if (served.isStorageVersion || !own) return object;
  const converted = served.definition.convert ? served.definition.convert.toStorage(object) : object;
  return { ...converted, apiVersion: apiVersionOf(own) };
}
