import type { V1Ingress, V1PersistentVolumeClaim } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { ANNOTATION_BETA_STORAGE_CLASS, ANNOTATION_DEFAULT_INGRESS_CLASS, ANNOTATION_DEFAULT_STORAGE_CLASS } from '../../api/wellKnown.ts';
import { resourcePrefix, type StorageResource, type WatchCache } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const BETA_DEFAULT_STORAGE_CLASS = 'storageclass.beta.kubernetes.io/is-default-class';
const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Of the classes that say they are the default, the newest; of two of one age, the first by name. */
export function defaultClass(classes: readonly KubeObject[], annotations: readonly string[]): string | undefined {
  const found = classes.filter(({ metadata }) => annotations.some((annotation) => metadata.annotations?.[annotation] === 'true'));
  const age = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? '') || 0;
  return found.toSorted((left, right) => age(right) - age(left) || (left.metadata.name < right.metadata.name ? -1 : 1))[0]?.metadata.name;
}

const classesOf = (cache: WatchCache, resource: StorageResource): readonly KubeObject[] => cache.list(resourcePrefix(resource)).map(({ object }) => object);

const isNew = ({ operation, definition, subresource, object }: AdmissionAttributes, group: string, plural: string): boolean =>
  operation === 'CREATE' && definition.group === group && definition.plural === plural && subresource === '' && object !== undefined;

/** A claim that names no class gets the default one; an empty name is a name. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    if (!isNew(attributes, '', 'persistentvolumeclaims')) return;
    const claim = attributes.object as IncomingObject<V1PersistentVolumeClaim>;
    if (!claim.spec || claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] !== undefined) return;
    const found = defaultClass(classesOf(this.#cache, { group: 'storage.k8s.io', resource: 'storageclasses' }), [ANNOTATION_DEFAULT_STORAGE_CLASS, BETA_DEFAULT_STORAGE_CLASS]);
    if (found !== undefined) claim.spec.storageClassName = found;
  }
}

/** As above, of Ingresses. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass';
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    if (!isNew(attributes, 'networking.k8s.io', 'ingresses')) return;
    const ingress = attributes.object as IncomingObject<V1Ingress>;
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined) return;
    const found = defaultClass(classesOf(this.#cache, { group: 'networking.k8s.io', resource: 'ingressclasses' }), [ANNOTATION_DEFAULT_INGRESS_CLASS]);
    if (found !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: found };
  }
}
