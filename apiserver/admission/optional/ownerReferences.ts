import type { V1CustomResourceDefinition, V1OwnerReference } from '../../../api/generated/types.ts';
import { builtinDefinitions } from '../../../api/kinds/index.ts';
import { semanticEqual } from '../../../api/values/deepEqual.ts';
import { resourcePrefix, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin, Authorizer } from '../../types.ts';
import { refusal } from '../refusal.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };

/** Who says that an object belongs to another one can have it deleted, and can hold up the other's deletion: both need the right to, the first where the object is there already. */
export class OwnerReferencesPermissionEnforcement implements AdmissionPlugin {
  readonly name = 'OwnerReferencesPermissionEnforcement';
  readonly #cache: WatchCache;
  readonly #authorizer: Authorizer;

  constructor(cache: WatchCache, authorizer: Authorizer) {
    this.#cache = cache;
    this.#authorizer = authorizer;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, object, previous, name } = attributes;
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || !object) return;
    // A kubelet writes the status of pods that have owners.
    if (definition.group === '' && definition.plural === 'pods' && attributes.subresource === 'status') return;
    const now = object.metadata.ownerReferences ?? [];
    const before = previous?.metadata.ownerReferences ?? [];
    if (semanticEqual(now, before)) return;
    // Whoever makes a thing may make it with owners; who adds them later could have it deleted.
    if (operation === 'UPDATE') {
      const own = { group: definition.group, version: definition.version, resource: definition.plural };
      const decision = await this.#decide(attributes, own, 'delete', attributes.subresource, name);
      if (decision !== undefined) throw refusal(attributes, `cannot set an ownerRef on a resource you can't delete: ${decision}, <nil>`);
    }
    for (const reference of now.filter((each) => each.blockOwnerDeletion && !before.some((old) => old.uid === each.uid && old.blockOwnerDeletion))) await this.#mayBlock(attributes, reference);
  }

  async #mayBlock(attributes: AdmissionAttributes, { apiVersion, kind, name }: V1OwnerReference): Promise<void> {
    const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
    const owner = this.#resourceOf(group, kind);
    if (!owner) throw refusal(attributes, `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
    const decision = await this.#decide(attributes, { group, version, resource: owner.plural }, 'update', 'finalizers', name, owner.namespaced);
    if (decision !== undefined) throw refusal(attributes, `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${decision}, <nil>`);
  }

  /** The reason of a refusal; undefined where it is allowed. */
  async #decide({ user, namespace }: AdmissionAttributes, target: { readonly group: string; readonly version: string; readonly resource: string }, verb: string, subresource: string, name: string, isNamespaced = true): Promise<string | undefined> {
    const decision = await Promise.resolve(this.#authorizer.authorize({ ...target, user, verb, subresource, name, namespace: isNamespaced ? namespace : '', path: '', isResourceRequest: true }));
    return decision.allowed ? undefined : decision.reason;
  }

  #resourceOf(group: string, kind: string): { readonly plural: string; readonly namespaced: boolean } | undefined {
    const builtin = builtinDefinitions.find((each) => each.group === group && each.kind === kind);
    if (builtin) return { plural: builtin.plural, namespaced: builtin.namespaced };
    const definitions = this.#cache.list(resourcePrefix(DEFINITIONS)).map(({ object }) => (object as V1CustomResourceDefinition).spec);
    const custom = definitions.find(({ group: own, names }) => own === group && names.kind === kind);
    return custom && { plural: custom.names.plural, namespaced: custom.scope === 'Namespaced' };
  }
}
