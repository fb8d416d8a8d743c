import type { V1CSIDriver, V1CSINode, V1CSIStorageCapacity } from '../../generated/types.ts';
import { ageColumn, integerColumn, listOrNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { immutable, strictlyImmutable } from '../../validation/fields.ts';
import { canonicalQuantity, tryParseQuantity } from '../../values/quantity.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { nodeLabelSelectorWarnings } from '../core/nodeLabelWarnings.ts';
import { validateCSIDriver, validateCSIDriverUpdate, validateCSINode, validateCSINodeUpdate, validateCSIStorageCapacity } from './validateStorage.ts';

export const csiDriver = defineKind<V1CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  model: 'V1CSIDriver',
  unconditionalUpdate: false,
  setDefaults(driver) {
    const spec = (driver.spec ??= {});
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ||= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
  columns: [
    { name: 'AttachRequired', type: 'boolean', description: { of: 'V1CSIDriverSpec.attachRequired' }, priority: 0, value: ({ spec }) => spec?.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', description: { of: 'V1CSIDriverSpec.podInfoOnMount' }, priority: 0, value: ({ spec }) => spec?.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', description: { of: 'V1CSIDriverSpec.storageCapacity' }, priority: 0, value: ({ spec }) => spec?.storageCapacity ?? false },
    textColumn('TokenRequests', { of: 'V1CSIDriverSpec.tokenRequests' }, ({ spec }) => (spec?.tokenRequests?.length ? spec.tokenRequests.map(({ audience }) => audience).join(',') : '<unset>')),
    { name: 'RequiresRepublish', type: 'boolean', description: { of: 'V1CSIDriverSpec.requiresRepublish' }, priority: 0, value: ({ spec }) => spec?.requiresRepublish ?? false },
    textColumn('Modes', { of: 'V1CSIDriverSpec.volumeLifecycleModes' }, ({ spec }) => listOrNone(spec?.volumeLifecycleModes)),
    ageColumn,
  ],
});

export const csiNode = defineKind<V1CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  model: 'V1CSINode',
  unconditionalUpdate: false,
  validate: validateCSINode,
  validateUpdate: validateCSINodeUpdate,
  columns: [integerColumn('Drivers', 'Drivers indicates the number of CSI drivers registered on the node', ({ spec }) => spec?.drivers?.length ?? 0), ageColumn],
});

export const csiStorageCapacity = defineKind<V1CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  model: 'V1CSIStorageCapacity',
  unconditionalUpdate: false,
  setDefaults: canonicalizeCapacity,
  validate: validateCSIStorageCapacity,
  warnings: ({ nodeTopology }) => nodeLabelSelectorWarnings('nodeTopology', nodeTopology),
  validateUpdate: (object, previous) => [...immutable('nodeTopology', object.nodeTopology, previous.nodeTopology), ...strictlyImmutable('storageClassName', object.storageClassName, previous.storageClassName)],
  columns: [
    textColumn('StorageClassName', { of: 'V1CSIStorageCapacity.storageClassName' }, ({ storageClassName }) => storageClassName),
    textColumn('Capacity', { of: 'V1CSIStorageCapacity.capacity' }, ({ capacity }) => capacity ?? '<unset>'),
  ],
});

function canonicalizeCapacity(object: IncomingObject<V1CSIStorageCapacity>): void {
  for (const name of ['capacity', 'maximumVolumeSize'] as const) {
    const text = object[name];
    if (text !== undefined && tryParseQuantity(text)) object[name] = canonicalQuantity(text);
  }
}
