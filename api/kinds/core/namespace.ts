import type { V1Namespace } from '../../generated/types.ts';
import { invalid, type FieldError } from '../../fieldError.ts';
import type { IncomingObject } from '../../resourceDefinition.ts';
import { invalidEach } from '../../validation/fields.ts';
import { isKnownFinalizer } from '../../validation/finalizers.ts';
import { validateDns1123Label, validateQualifiedName } from '../../validation/names.ts';
import { FINALIZER_KUBERNETES, LABEL_METADATA_NAME } from '../../wellKnown.ts';
import { ageColumn, textColumn } from '../columns.ts';
import { defineKind } from '../defineKind.ts';

export const namespace = defineKind<V1Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete'],
  model: 'V1Namespace',
  hasStatus: true,
  validateName: validateDns1123Label,
  setDefaults: labelWithName,
  prepareForCreate(object) {
    // A generated name was not known to the defaults.
    labelWithName(object);
    object.status = { phase: 'Active' };
    const finalizers = object.spec?.finalizers ?? [];
    if (!finalizers.includes(FINALIZER_KUBERNETES)) object.spec = { ...object.spec, finalizers: [...finalizers, FINALIZER_KUBERNETES] };
  },
  prepareForUpdate(object, previous) {
    // Only the finalize subresource takes one away.
    object.spec = { ...object.spec, finalizers: previous.spec?.finalizers };
  },
  validate: ({ spec }) => (spec?.finalizers ?? []).flatMap((name) => validateNamespaceFinalizer('spec.finalizers', name)),
  validateStatusUpdate({ metadata, status }) {
    const phase = status?.phase;
    if (metadata.deletionTimestamp === undefined) return phase === 'Active' ? [] : [invalid('status.Phase', phase ?? '', "may only be 'Active' if `deletionTimestamp` is empty")];
    return phase === 'Terminating' ? [] : [invalid('status.Phase', phase ?? '', "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  },
  columns: [textColumn('Status', 'The status of the namespace', ({ status }) => status?.phase ?? ''), ageColumn],
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
});

/** `validateFinalizerName`. */
export function validateNamespaceFinalizer(field: string, name: string): FieldError[] {
  const errors = invalidEach(field, name, validateQualifiedName(name));
  return isKnownFinalizer(name) ? errors : [...errors, invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

/** Lets a selector of namespaces name one. */
function labelWithName({ metadata }: IncomingObject<V1Namespace>): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, [LABEL_METADATA_NAME]: metadata.name };
}
