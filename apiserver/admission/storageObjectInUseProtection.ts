import { FINALIZER_PV_PROTECTION, FINALIZER_PVC_PROTECTION, FINALIZER_VAC_PROTECTION } from '../../api/wellKnown.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': FINALIZER_PVC_PROTECTION,
  '/persistentvolumes': FINALIZER_PV_PROTECTION,
  'storage.k8s.io/volumeattributesclasses': FINALIZER_VAC_PROTECTION,
};

/** What stores data does not go while it is used; controllers take the finalizers off again. */
export class StorageObjectInUseProtection implements AdmissionPlugin {
  readonly name = 'StorageObjectInUseProtection';

  async admit({ operation, definition, subresource, object }: AdmissionAttributes): Promise<void> {
    const finalizer = operation === 'CREATE' && subresource === '' ? FINALIZERS[`${definition.group}/${definition.plural}`] : undefined;
    if (finalizer === undefined || !object || object.metadata.finalizers?.includes(finalizer)) return;
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  }
}
