import { notFoundError } from '../../../api/apiError.ts';
import type { V1Namespace } from '../../../api/generated/types.ts';
import { LABEL_METADATA_NAME } from '../../../api/wellKnown.ts';
import { type Clock, formatTime } from '../../../process/clock.ts';
import { objectKey, type Storage, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import type { StoredObjects } from '../storedObjects.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };

const isNamespace = ({ definition }: AdmissionAttributes): boolean => definition.group === '' && definition.plural === 'namespaces';

/** Nothing is done in a namespace that there is not. */
export class NamespaceExists implements AdmissionPlugin {
  readonly name = 'NamespaceExists';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { namespace } = attributes;
    const key = objectKey(NAMESPACES, '', namespace);
    if (namespace === '' || isNamespace(attributes) || (await this.#objects.find(key))) return;
    throw notFoundError(NAMESPACES, namespace);
  }
}

/** A namespace comes into being when the first thing is put into it. */
export class NamespaceAutoProvision implements AdmissionPlugin {
  readonly name = 'NamespaceAutoProvision';
  readonly #cache: WatchCache;
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #uid: () => string;

  constructor(cache: WatchCache, storage: Storage, clock: Clock, uid: () => string) {
    this.#cache = cache;
    this.#storage = storage;
    this.#clock = clock;
    this.#uid = uid;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const { operation, namespace, dryRun, definition } = attributes;
    if (operation !== 'CREATE' || namespace === '' || dryRun || isNamespace(attributes) || !definition.namespaced || definition.group === 'authorization.k8s.io') return;
    const key = objectKey(NAMESPACES, '', namespace);
    if (this.#cache.get(key)) return;
    const object: V1Namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, uid: this.#uid(), creationTimestamp: formatTime(this.#clock.now()), resourceVersion: '', labels: { [LABEL_METADATA_NAME]: namespace } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
    // Where it is there already, nothing is written.
    await this.#storage.transact([{ key, revision: 0 }], [{ kind: 'put', key, object }]);
  }
}
