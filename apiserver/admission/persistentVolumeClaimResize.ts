import type { V1PersistentVolumeClaim, V1StorageClass } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { compareQuantities, quantityOrZero } from '../../api/values/quantity.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../api/wellKnown.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const NOT_RESIZABLE = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
const CLASSES = { group: 'storage.k8s.io', resource: 'storageclasses' };

/** A claim grows only when it is bound, and when its class lets it. */
export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource } = attributes;
    if (operation !== 'UPDATE' || definition.group !== '' || definition.plural !== 'persistentvolumeclaims' || subresource !== '') return;
    const claim = attributes.object as IncomingObject<V1PersistentVolumeClaim>;
    const previous = attributes.previous as V1PersistentVolumeClaim;
    const sizeOf = ({ spec }: Pick<V1PersistentVolumeClaim, 'spec'>) => quantityOrZero(spec?.resources?.requests?.['storage']);
    if (compareQuantities(sizeOf(claim), sizeOf(previous)) <= 0) return;
    if (previous.status?.phase !== 'Bound') throw refusal(attributes, 'Only bound persistent volume claims can be expanded');
    const className = classOf(claim);
    const isSame = className !== '' && className === classOf(previous);
    if (!isSame) throw refusal(attributes, NOT_RESIZABLE);
    const { why } = await this.#objects.judge(objectKey(CLASSES, '', className), (stored: V1StorageClass | undefined) => (stored?.allowVolumeExpansion ? undefined : NOT_RESIZABLE));
    if (why !== undefined) throw refusal(attributes, why);
  }
}

const classOf = ({ metadata, spec }: IncomingObject<V1PersistentVolumeClaim> | V1PersistentVolumeClaim): string => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? '';
