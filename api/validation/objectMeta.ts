import { append, forbidden, invalid, isEnough, ofEach, required } from '../fieldError.ts';
import type { FieldError } from '../fieldError.ts';
import type { ObjectMetaDraft } from '../meta.ts';
import type { ResourceDefinition } from '../resourceDefinition.ts';
import { deepEqual } from '../values/deepEqual.ts';
import { isKnownFinalizer } from './finalizers.ts';
import { validateAnnotations, validateLabels } from './labels.ts';
import { validateManagedFields } from './managedFields.ts';
import { IMMUTABLE_MESSAGE, validateDns1123Label, validateDns1123Subdomain, validateQualifiedName } from './names.ts';

/** Groups whose kinds Kubernetes validates without its rule for finalizers that name no domain. */
const ANY_FINALIZERS: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Metadata of an object on its way into the store (`ValidateObjectMeta`). */
export function validateObjectMeta(meta: ObjectMetaDraft, definition: Pick<ResourceDefinition, 'group' | 'custom' | 'namespaced' | 'validateName'>): FieldError[] {
  const errors: FieldError[] = [];
  const validateName = definition.validateName ?? validateDns1123Subdomain;
  if (meta.generateName) {
    // A generated name ends in letters and digits, so a prefix may end in what a name may not.
    const prefix = meta.generateName.replace(/.-$/s, 'a');
    for (const message of validateName(prefix)) errors.push(invalid('metadata.generateName', meta.generateName, message));
  }
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const message of validateName(meta.name)) errors.push(invalid('metadata.name', meta.name, message));
  if (definition.namespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'));
    else for (const message of validateDns1123Label(meta.namespace)) errors.push(invalid('metadata.namespace', meta.namespace, message));
  } else if (meta.namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  if ((meta.generation ?? 0) < 0) errors.push(invalid('metadata.generation', meta.generation, 'must be greater than or equal to 0'));
  append(errors, validateLabels('metadata.labels', meta.labels), validateAnnotations('metadata.annotations', meta.annotations));
  append(errors, validateOwnerReferences(meta.ownerReferences ?? []), validateFinalizers(meta.finalizers ?? []));
  if (!definition.custom && !ANY_FINALIZERS.has(definition.group)) append(errors, validateFinalizerDomains(meta.finalizers ?? []));
  append(errors, validateManagedFields(meta.managedFields ?? []));
  return errors;
}

function validateOwnerReferences(references: NonNullable<ObjectMetaDraft['ownerReferences']>): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  const field = 'metadata.ownerReferences';
  // All of them are shown with each that is one too many: written once.
  let shown: FieldError | undefined;
  for (const reference of references) {
    if (isEnough(errors)) break;
    if (!hasVersion(reference.apiVersion ?? '')) errors.push(invalid(`${field}.apiVersion`, reference.apiVersion ?? '', 'version must not be empty'));
    if (!reference.kind) errors.push(invalid(`${field}.kind`, reference.kind ?? '', 'must not be empty'));
    if (!reference.name) errors.push(invalid(`${field}.name`, reference.name ?? '', 'must not be empty'));
    if (!reference.uid) errors.push(invalid(`${field}.uid`, reference.uid ?? '', 'must not be empty'));
    if (reference.kind === 'Event' && (reference.apiVersion === 'v1' || reference.apiVersion === '/v1')) errors.push(invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
    if (reference.controller !== true) continue;
    if (controller !== undefined) {
      const message = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${reference.kind}/${reference.name}`;
      shown ??= invalid(field, references, '');
      errors.push({ ...shown, message: `${shown.message}: ${message}` });
    }
    controller ??= `${reference.kind}/${reference.name}`;
  }
  return errors;
}

/** Of a group and a version there are two parts at most; what is neither has no version. */
function hasVersion(apiVersion: string): boolean {
  const parts = apiVersion.split('/');
  return parts.length <= 2 && parts.at(-1) !== '';
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of finalizers) {
    if (isEnough(errors)) break;
    for (const message of validateQualifiedName(name)) errors.push(invalid('metadata.finalizers', name, message));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

function validateFinalizerDomains(finalizers: readonly string[]): FieldError[] {
  return ofEach('metadata.finalizers', finalizers, (field, name) => (isKnownFinalizer(name) ? [] : [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')]));
}

/** Fills in, in place, what a client may leave out of an update, before `validateObjectMetaUpdate`. */
export function carryOverMeta(meta: ObjectMetaDraft, previous: ObjectMetaDraft): void {
  meta.uid ||= previous.uid;
  meta.creationTimestamp ??= previous.creationTimestamp;
  if (previous.deletionTimestamp !== undefined) meta.deletionTimestamp = previous.deletionTimestamp;
  if (previous.deletionGracePeriodSeconds !== undefined) meta.deletionGracePeriodSeconds ??= previous.deletionGracePeriodSeconds;
  if (previous.generation === undefined) delete meta.generation;
  else meta.generation = previous.generation;
}

/** What an update may not change (`ValidateObjectMetaAccessorUpdate`). */
export function validateObjectMetaUpdate(meta: ObjectMetaDraft, previous: ObjectMetaDraft): FieldError[] {
  const errors: FieldError[] = [];
  if (previous.deletionTimestamp !== undefined) {
    const before = new Set(previous.finalizers);
    const added = (meta.finalizers ?? []).filter((name) => !before.has(name));
    if (added.length > 0) {
      errors.push(forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`));
    }
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (!deepEqual(meta[field], previous[field])) errors.push(invalid(`metadata.${field}`, meta[field], IMMUTABLE_MESSAGE));
  }
  return errors;
}
