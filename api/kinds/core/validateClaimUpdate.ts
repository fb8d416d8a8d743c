import type { V1PersistentVolumeClaim, V1PersistentVolumeClaimSpec } from '../../generated/types.ts';
import { append, type FieldError, forbidden, invalid, notSupported, required } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { immutable, invalidEach } from '../../validation/fields.ts';
import { IMMUTABLE_MESSAGE, validateQualifiedName } from '../../validation/names.ts';
import { isNativeResource, validateResourceQuantity } from '../../validation/resources.ts';
import { semanticEqual } from '../../values/deepEqual.ts';
import { compareQuantities, quantityOrZero } from '../../values/quantity.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';
import { specDiff } from '../internalForm.ts';

type Claim = IncomingObject<V1PersistentVolumeClaim>;

const SPEC_MESSAGE = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const RESIZE_STATES = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'];

/** A bound claim may grow, and shrink again to what it really has; nothing else of it moves (`ValidatePersistentVolumeClaimUpdate`). */
export function validateClaimUpdate(claim: Claim, previous: V1PersistentVolumeClaim): FieldError[] {
  const [spec, before] = [claim.spec ?? {}, previous.spec ?? {}];
  const [annotation, oldAnnotation] = [claim.metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS], previous.metadata.annotations?.[ANNOTATION_BETA_STORAGE_CLASS]];
  const errors: FieldError[] = [];
  const movedToField = oldAnnotation !== undefined && before.storageClassName === undefined && spec.storageClassName === oldAnnotation && (annotation === undefined || annotation === oldAnnotation);
  if (!movedToField && (annotation ?? '') !== (oldAnnotation ?? '')) errors.push(invalid(`metadata.annotations.${ANNOTATION_BETA_STORAGE_CLASS}`, annotation ?? '', IMMUTABLE_MESSAGE));
  // The class is filled in once, as by admission, and must be the one that the annotation names.
  const mayNameClass = before.storageClassName === undefined && spec.storageClassName !== undefined && (oldAnnotation === undefined || oldAnnotation === spec.storageClassName);
  const isBound = claim.status?.phase === 'Bound';
  const comparable: V1PersistentVolumeClaimSpec = { ...spec, ...(mayNameClass ? { storageClassName: before.storageClassName } : {}) };
  const storage = before.resources?.requests?.storage;
  if (isBound && spec.resources?.requests && storage !== undefined) comparable.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage } };
  if (isBound && spec.volumeAttributesClassName !== undefined) comparable.volumeAttributesClassName = before.volumeAttributesClassName;
  const old = before.volumeName ? before : { ...before, volumeName: spec.volumeName };
  if (!semanticEqual(comparable, old)) errors.push(forbidden('spec', `${SPEC_MESSAGE}\n${specDiff('PersistentVolumeClaimSpec', old, comparable)}`));
  const [size, oldSize, real] = [spec.resources?.requests?.storage, storage, previous.status?.capacity?.storage].map(quantityOrZero) as [ReturnType<typeof quantityOrZero>, ReturnType<typeof quantityOrZero>, ReturnType<typeof quantityOrZero>];
  if (compareQuantities(size, oldSize) < 0 && compareQuantities(size, real) <= 0) errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  append(errors, immutable('volumeMode', spec.volumeMode, before.volumeMode));
  if (before.volumeAttributesClassName === undefined) return errors;
  if (spec.volumeAttributesClassName === undefined) errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  else if (spec.volumeAttributesClassName === '' && before.volumeAttributesClassName !== '') errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to an empty string is forbidden'));
  return errors;
}

/** `ValidatePersistentVolumeClaimStatusUpdate`. */
export function validateClaimStatus({ spec, status = {} }: Claim): FieldError[] {
  const errors = spec?.accessModes?.length ? [] : [required('Spec.accessModes')];
  for (const [name, amount] of Object.entries(status.capacity ?? {})) append(errors, basicQuantity(`status.capacity[${name}]`, amount));
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    append(errors, validateKey('status.allocatedResourceStatus', name));
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported('status.allocatedResourceStatus', name, RESIZE_STATES));
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    const faults = validateKey('status.allocatedResources', name);
    const path = `status.allocatedResources[${name}]`;
    const ofAmount = basicQuantity(path, amount);
    append(errors, (faults.length > 0 ? faults : ofAmount.length > 0 ? ofAmount : validateResourceQuantity(path, 'storage', amount)));
  }
  return errors;
}

/** `validateBasicResource`. */
export function basicQuantity(field: string, text: string): FieldError[] {
  const { nanos } = quantityOrZero(text);
  return nanos < 0n ? [invalid(field, Number(nanos / 1_000_000_000n), 'must be a valid resource quantity')] : [];
}

function validateKey(field: string, name: string): FieldError[] {
  const errors = invalidEach(field, name, validateQualifiedName(name));
  return errors.length === 0 && isNativeResource(name) && name !== 'storage' ? [notSupported(field, name, ['storage'])] : errors;
}
