import type { V1PersistentVolume } from '../../generated/types.ts';
import { required, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, oneOf } from '../../validation/fields.ts';
import { canonicalizeResources } from '../../values/resourceList.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

const SHORT_MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };
export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** `RWO,RWX`, in a fixed order. */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Object.keys(SHORT_MODES).filter((mode) => modes?.includes(mode)).map((mode) => SHORT_MODES[mode]).join(',');
}

export const persistentVolume = defineKind<V1PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  model: 'V1PersistentVolume',
  hasStatus: true,
  setDefaults({ spec, status }) {
    if (spec) {
      spec.persistentVolumeReclaimPolicy ||= 'Retain';
      spec.volumeMode ||= 'Filesystem';
      canonicalizeResources(spec.capacity);
      if (spec.hostPath) spec.hostPath.type ??= '';
    }
    if (status) status.phase ||= 'Pending';
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
  },
  validate,
  validateUpdate: ({ spec }, previous) => immutable('spec.volumeMode', spec?.volumeMode, previous.spec?.volumeMode),
  columns: [
    textColumn('Capacity', 'How much it holds.', ({ spec }) => spec?.capacity?.storage ?? '0'),
    textColumn('Access Modes', 'How it may be mounted.', ({ spec }) => formatAccessModes(spec?.accessModes)),
    textColumn('Reclaim Policy', 'What becomes of it when it is released.', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    textColumn('Status', 'Its phase.', ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating')),
    textColumn('Claim', 'The claim that it is bound to.', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '')),
    textColumn('StorageClass', 'Its class.', ({ metadata, spec }) => metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS] ?? spec?.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    textColumn('Reason', 'Why it is in its phase.', ({ status }) => status?.reason ?? ''),
    ageColumn,
    textColumn('VolumeMode', 'Filesystem or block.', ({ spec }) => spec?.volumeMode ?? '<unset>', 1),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
});

/** Fields of a volume that are not its source. */
const NOT_SOURCES = new Set(['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName', 'volumeAttributesClassName', 'volumeMode']);

function validate({ spec = {} }: IncomingObject<V1PersistentVolume>): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes'));
  for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, ACCESS_MODES));
  if (Object.keys(spec.capacity ?? {}).length === 0) errors.push(required('spec.capacity'));
  else if (spec.capacity?.storage === undefined) errors.push({ type: 'FieldValueNotSupported', field: 'spec.capacity', message: `Unsupported value: ${JSON.stringify(spec.capacity)}: supported values: "storage"` });
  errors.push(...oneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']));
  const sources = Object.entries(spec).filter(([name, value]) => !NOT_SOURCES.has(name) && value !== undefined && value !== null);
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  for (const [name] of sources.slice(1)) errors.push({ type: 'FieldValueForbidden', field: `spec.${name}`, message: 'Forbidden: may not specify more than 1 volume type' });
  return errors;
}
