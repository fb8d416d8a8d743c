import type { V1PersistentVolumeClaimSpec, V1PersistentVolumeClaimTemplate, V1TypedLocalObjectReference, V1TypedObjectReference } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, required } from '../../fieldError.ts';
import { invalidEach, oneOfIfSet } from '../../validation/fields.ts';
import { validateAnnotations, validateLabels, validateLabelSelector } from '../../validation/labels.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../validation/names.ts';
import { positiveQuantity, validateResourceQuantity } from '../../validation/resources.ts';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** How a volume or a claim may be mounted; one for a single pod stands alone. */
export function validateAccessModes(field: string, modes: readonly string[] | undefined, detail = ''): FieldError[] {
  if (!modes?.length) return [required(field, detail)];
  const errors = modes.flatMap((mode) => (ACCESS_MODES.includes(mode) ? [] : [notSupported(field, mode, ACCESS_MODES)]));
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  return isMixed ? [...errors, forbidden(field, 'may not use ReadWriteOncePod with other access modes')] : errors;
}

/** `ValidatePersistentVolumeClaimSpec`: of a claim, and of what is to become one. */
export function validateClaimSpec(field: string, spec: V1PersistentVolumeClaimSpec): FieldError[] {
  const { dataSource, dataSourceRef, storageClassName, volumeAttributesClassName } = spec;
  const errors = [...validateSelectorFirst(field, spec)];
  const size = `${field}.resources[storage]`;
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) {
    errors.push(required(size));
  } else {
    const faults = positiveQuantity(size, storage);
    append(errors, (faults.length > 0 ? faults : validateResourceQuantity(size, 'storage', storage)));
  }
  if (storageClassName) append(errors, invalidEach(`${field}.storageClassName`, storageClassName, validateDns1123Subdomain(storageClassName)));
  append(errors, oneOfIfSet(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES));
  if (dataSource) append(errors, validateReference(`${field}.dataSource`, dataSource));
  if (dataSourceRef) {
    append(errors, validateReference(`${field}.dataSourceRef`, dataSourceRef));
    if (dataSourceRef.namespace) append(errors, invalidEach(`${field}.dataSourceRef.namespace`, dataSourceRef.namespace, validateDns1123Label(dataSourceRef.namespace)));
  }
  if (dataSource && dataSourceRef?.namespace) errors.push(invalid(field, `${field}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (dataSource && dataSourceRef && !isSame(dataSource, dataSourceRef)) errors.push(invalid(field, `${field}.dataSource`, 'must match dataSourceRef'));
  if (volumeAttributesClassName) append(errors, invalidEach(`${field}.volumeAttributesClassName`, volumeAttributesClassName, validateDns1123Subdomain(volumeAttributesClassName)));
  return errors;
}

/** The absence of modes is told before a bad selector, and bad modes after it. */
function validateSelectorFirst(field: string, { accessModes, selector }: V1PersistentVolumeClaimSpec): FieldError[] {
  const modes = validateAccessModes(`${field}.accessModes`, accessModes, 'at least 1 access mode is required');
  const ofSelector = validateLabelSelector(`${field}.selector`, selector);
  return accessModes?.length ? [...ofSelector, ...modes] : [...modes, ...ofSelector];
}

const isSame = (a: V1TypedLocalObjectReference, b: V1TypedObjectReference): boolean => a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name;

function validateReference(field: string, { name, kind = '', apiGroup = '' }: Partial<V1TypedLocalObjectReference>): FieldError[] {
  const errors = [...(name ? [] : [required(`${field}.name`)]), ...(kind ? [] : [required(`${field}.kind`)])];
  if (apiGroup === '') return kind === 'PersistentVolumeClaim' ? errors : [...errors, invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")];
  return [...errors, ...invalidEach(`${field}.apiGroup`, apiGroup, validateDns1123Subdomain(apiGroup))];
}

/** What a pod's ephemeral volume is made from: of the metadata only labels and annotations (`ValidatePersistentVolumeClaimTemplate`). */
export function validateClaimTemplate(field: string, { metadata, spec }: V1PersistentVolumeClaimTemplate): FieldError[] {
  const { annotations, labels, ...others } = metadata ?? {};
  return [
    ...validateAnnotations(`${field}.metadata.annotations`, annotations),
    ...validateLabels(`${field}.metadata.labels`, labels),
    ...Object.entries(others).flatMap(([name, value]) => (value === undefined || value === null ? [] : [forbidden(`${field}.metadata.${name}`, 'cannot be set')])),
    ...validateClaimSpec(`${field}.spec`, spec ?? {}),
  ];
}
