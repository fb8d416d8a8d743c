import type { V1ParamKind, V1ParamRef } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { matchesLabels, selectorOf } from '../../../api/values/labelSelector.ts';
import { beforeServing } from '../../convertObject.ts';
import { toServed, type Registry, type ServedResource } from '../../registry.ts';
import { objectKey, resourcePrefix, type Storage, type WatchCache } from '../../storage/types.ts';

export interface ParamSource {
  readonly cache: WatchCache;
  readonly storage: Pick<Storage, 'get'>;
}

/** A policy or a binding cannot be applied as it stands: what becomes of the request is a matter of the failure policy. */
export class PolicyConfigurationError extends Error {}

/** The resource of a policy's parameters. Throws a `PolicyConfigurationError` where there is none. */
export function paramResource(registry: Registry, { apiVersion = '', kind = '' }: V1ParamKind): ServedResource {
  const found = registry.all.find((served) => served.apiVersion === apiVersion && served.definition.kind === kind && served.verbs.has('list'));
  if (found) return found;
  const shown = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  throw new PolicyConfigurationError(`failed to find resource referenced by paramKind: '${shown}, Kind=${kind}'`);
}

/**
 * The parameters with which a binding applies a policy to a request in a namespace (`''`: none), in the version that the policy names; `undefined` stands for "without".
 * None at all where there are none and the binding says that this allows the request (upstream's `CollectParams`). Throws a `PolicyConfigurationError`.
 */
export async function collectParams(source: ParamSource, served: ServedResource | undefined, ref: V1ParamRef | undefined, namespace: string): Promise<readonly (KubeObject | undefined)[]> {
  if (!served || !ref) return [undefined];
  const { namespaced } = served.definition;
  if (!namespaced && ref.namespace) throw new PolicyConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const within = namespaced ? ref.namespace || namespace : '';
  if (namespaced && within === '') throw new PolicyConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  const stored = ref.name ? await named(source, served, within, ref.name) : selected(source, served, within, ref);
  if (stored.length === 0 && ref.parameterNotFoundAction === 'Deny') throw new PolicyConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  await beforeServing(served, stored);
  return stored.map((object) => toServed(served, object));
}

/** What memory lacks may have come into being just now. */
async function named({ cache, storage }: ParamSource, { storage: resource }: ServedResource, namespace: string, name: string): Promise<readonly KubeObject[]> {
  const key = objectKey(resource, namespace, name);
  const found = cache.get(key) ?? (await storage.get(key));
  return found ? [found.object] : [];
}

function selected({ cache }: ParamSource, { storage: resource }: ServedResource, namespace: string, ref: V1ParamRef): readonly KubeObject[] {
  const selector = selectorOf(ref.selector);
  return cache.list(resourcePrefix(resource, namespace)).filter(({ object }) => matchesLabels(selector, object.metadata.labels)).map(({ object }) => object);
}
