import type { V1CSIDriver, V1CSINode, V1CSIStorageCapacity } from '../../generated/types.ts';
import { ageColumn, integerColumn, listOrNone, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';
import { strictlyImmutable } from '../../validation/fields.ts';
import { canonicalQuantity, tryParseQuantity } from '../../values/quantity.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
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
    { name: 'AttachRequired', type: 'boolean', description: 'Whether volumes are attached first.', priority: 0, value: ({ spec }) => spec?.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', description: 'Whether the driver is told of the pod.', priority: 0, value: ({ spec }) => spec?.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', description: 'Whether the driver publishes its capacity.', priority: 0, value: ({ spec }) => spec?.storageCapacity ?? false },
    textColumn('TokenRequests', 'Audiences of the tokens that it is given.', ({ spec }) => (spec?.tokenRequests?.length ? spec.tokenRequests.map(({ audience }) => audience).join(',') : '<unset>')),
    { name: 'RequiresRepublish', type: 'boolean', description: 'Whether it is called again and again.', priority: 0, value: ({ spec }) => spec?.requiresRepublish ?? false },
    textColumn('Modes', 'Life cycles of the volumes.', ({ spec }) => listOrNone(spec?.volumeLifecycleModes)),
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
  columns: [integerColumn('Drivers', 'How many drivers the node has.', ({ spec }) => spec?.drivers?.length ?? 0), ageColumn],
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
  validateUpdate: (object, previous) => [...strictlyImmutable('nodeTopology', object.nodeTopology, previous.nodeTopology), ...strictlyImmutable('storageClassName', object.storageClassName, previous.storageClassName)],
  columns: [
    textColumn('StorageClassName', 'The class that it is about.', ({ storageClassName }) => storageClassName),
    textColumn('Capacity', 'How much there is.', ({ capacity }) => capacity ?? '<unset>'),
  ],
});

function canonicalizeCapacity(object: IncomingObject<V1CSIStorageCapacity>): void {
  for (const name of ['capacity', 'maximumVolumeSize'] as const) {
    const text = object[name];
    if (text !== undefined && tryParseQuantity(text)) object[name] = canonicalQuantity(text);
  }
}
