import { ApiError, forbiddenError, notFoundError } from '../../api/apiError.ts';
import type { V1Namespace } from '../../api/generated/types.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing is created in a namespace that does not exist or is going away, and three namespaces cannot be deleted. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async admit({ operation, definition, namespace, name, object }: AdmissionAttributes): Promise<void> {
    const isNamespace = definition.group === '' && definition.plural === 'namespaces';
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || !definition.namespaced || isNamespace) return;
    // Reviews ask about a namespace; they do not put anything into it.
    if (definition.group === 'authorization.k8s.io') return;
    const key = objectKey(NAMESPACES, '', namespace);
    let found = this.#objects.known(key);
    // Nothing is refused on the strength of a cached object.
    if (found === undefined || (operation === 'CREATE' && isTerminating(found))) found = await this.#objects.stored(key);
    if (found === undefined) throw notFoundError(NAMESPACES, namespace);
    if (operation !== 'CREATE' || !isTerminating(found)) return;
    const { status } = refusal({ definition, name, object }, `unable to create new content in namespace ${namespace} because it is being terminated`);
    throw new ApiError({ ...status, details: { ...status.details, causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }] } });
  }

  validate({ operation, definition, name }: AdmissionAttributes): Promise<void> {
    const isImmortal = definition.group === '' && definition.plural === 'namespaces' && IMMORTAL.has(name);
    return operation === 'DELETE' && isImmortal ? Promise.reject(forbiddenError(NAMESPACES, name, 'this namespace may not be deleted')) : Promise.resolve();
  }
}

function isTerminating(namespace: V1Namespace): boolean {
  return namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating';
}
